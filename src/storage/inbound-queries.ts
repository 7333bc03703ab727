import { type Kysely, type RawBuilder, sql, type Transaction } from "kysely";
import { AppError } from "../errors.ts";
import type { Received, ReceivedEvent } from "../messaging/conversation-store.ts";
import type { InboundAttachment, InboundMessage } from "../messaging/message.ts";
import type { PlatformEvent } from "../messaging/platform-event.ts";
import { moveAddress, type OpenOptions, openConversation } from "./address-queries.ts";
import { attachToMessage } from "./attachment-rows.ts";
import { isAttached, type MessageRow, toMessages } from "./message-rows.ts";
import { anyOf } from "./sql-values.ts";
import type { Tables } from "./tables.ts";
import { conversationChanged, type WriteOptions } from "./turn-queries.ts";
import { insertWebhookEvents } from "./webhook-events.ts";

type Inbound = Pick<InboundMessage, "conversationId" | "externalId" | "text" | "attachments">;

/** Stores a message of a known conversation once. Throws `channel.unknown_visitor` where there is none. */
export async function receiveMessage(
  db: Kysely<Tables>,
  message: InboundMessage,
  burstMs: number,
  options: WriteOptions,
): Promise<Received> {
  const plain = (message.attachments ?? []).length === 0 && !options.webhooks();
  const stored = plain
    ? await insertInbound(db, message, burstMs, options)
    : await db.transaction().execute((tx) => insertWithParts(tx, message, burstMs, options));
  if (stored !== undefined) return { message: await one(db, stored), duplicate: false };
  const first = await findInbound(db, message.conversationId, message.externalId);
  if (first === undefined)
    throw new AppError("channel.unknown_visitor", `Conversation ${message.conversationId} does not exist.`);
  return { message: await one(db, first), duplicate: true };
}

/** The conversation of a contact who is known. */
interface KnownContact {
  readonly id: string;
  readonly unreachable: boolean;
}

/**
 * Stores a platform's batch in one transaction, in order. It begins by taking hold of every known contact's turn lane,
 * in the lanes' order: two batches, or one and a renewal of leases, never wait for each other in a circle.
 */
export function receiveEvents(
  db: Kysely<Tables>,
  channel: string,
  events: readonly PlatformEvent[],
  burstMs: number,
  options: WriteOptions & OpenOptions,
): Promise<ReceivedEvent[]> {
  return db.transaction().execute(async (tx) => {
    const known = await holdKnownContacts(tx, channel, events, options);
    const outcomes: ReceivedEvent[] = [];
    for (const event of events) {
      const { key } = event.address;
      const contact = known.get(key);
      const outcome = await receiveEvent(tx, channel, event, contact, burstMs, options);
      outcomes.push(outcome);
      const { conversationId: id } = outcome;
      if (id !== undefined) known.set(key, { id, unreachable: isUnreachableAfter(event, contact) });
    }
    return outcomes;
  });
}

function isUnreachableAfter({ type }: PlatformEvent, contact: KnownContact | undefined): boolean {
  return type === "blocked" || ((type === "edited" || type === "deleted") && contact?.unreachable === true);
}

/** By their platform's key. What is found here stays as it is until the commit: it is looked up under the lanes. */
async function holdKnownContacts(
  tx: Transaction<Tables>,
  channel: string,
  events: readonly PlatformEvent[],
  { sealer }: OpenOptions,
): Promise<Map<string, KnownContact>> {
  const keys = new Map(events.map(({ address: { key } }) => [sealer.hash(channel, key), key]));
  const ofContacts = sql`addresses.channel = ${channel} and addresses.key_hash = ${anyOf([...keys.keys()])}
    and addresses.erase_after is null`;
  await sql`
    select from addresses join lanes on lanes.kind = 'turn' and lanes.key = addresses.conversation_id
    where ${ofContacts} order by lanes.key for update of lanes`.execute(tx);
  const { rows } = await sql<{ hash: string; id: string; unreachable: boolean }>`
    select key_hash as hash, id, unreachable is not null as unreachable
    from addresses join conversations on id = conversation_id where ${ofContacts}`.execute(tx);
  return new Map(rows.map(({ hash, id, unreachable }) => [keys.get(hash) ?? "", { id, unreachable }]));
}

async function receiveEvent(
  tx: Transaction<Tables>,
  channel: string,
  event: PlatformEvent,
  known: KnownContact | undefined,
  burstMs: number,
  options: WriteOptions & OpenOptions,
): Promise<ReceivedEvent> {
  if (event.type === "message") {
    const details = {
      address: event.address,
      ...(event.origin === undefined ? {} : { origin: event.origin }),
    };
    const conversationId = known?.id ?? (await openConversation(tx, channel, details, options)).id;
    if (known?.unreachable) await reachableAgain(tx, conversationId);
    // In a group the way back leads to the last message of the member.
    if (known !== undefined && event.address.surface === "group")
      await moveAddress(tx, known.id, event.address, options.sealer);
    const stored = await insertWithParts(tx, { ...event, conversationId }, burstMs, options);
    const outcome = stored === undefined ? "duplicate" : "stored";
    return { outcome, conversationId, isNew: known === undefined };
  }
  if (known === undefined) return { outcome: "ignored", isNew: false };
  const applied = await applyEvent(tx, known.id, event, burstMs, options);
  return { outcome: applied ? "applied" : "ignored", conversationId: known.id, isNew: false };
}

async function applyEvent(
  tx: Transaction<Tables>,
  conversationId: string,
  event: Exclude<PlatformEvent, { type: "message" }>,
  burstMs: number,
  options: WriteOptions,
): Promise<boolean> {
  switch (event.type) {
    case "edited":
      return editMessage(tx, { ...event, conversationId }, burstMs, options);
    case "deleted":
      return deleteMessage(tx, conversationId, event.externalId, options.now());
    case "blocked":
      await makeUnreachable(tx, conversationId, "blocked", options.now());
      return true;
    case "unblocked":
      await reachableAgain(tx, conversationId);
      return true;
  }
}

/** Under what the change of an answered message is stored. */
const versionOf = (externalId: string, editId: string) => `${externalId}#${editId}`;

/** The message of a new turn where the old one was answered or is being answered; else the text is replaced. */
async function editMessage(
  tx: Transaction<Tables>,
  event: { conversationId: string; externalId: string; editId: string; text: string },
  burstMs: number,
  options: WriteOptions,
): Promise<boolean> {
  const { conversationId, externalId, text } = event;
  const running = await isTurnRunning(tx, conversationId);
  const first = await findInbound(tx, conversationId, externalId);
  if (first === undefined || first.text === text || first.deleted_at !== null) return false;
  if (first.answered_at === null && !running) {
    await tx.updateTable("messages").set({ text }).where("id", "=", first.id).execute();
    await notifyChanged(tx, conversationId);
    return true;
  }
  const again = { conversationId, externalId: versionOf(externalId, event.editId), text };
  return (await insertWithParts(tx, again, burstMs, options)) !== undefined;
}

/** The message and all its changes. */
async function deleteMessage(
  tx: Transaction<Tables>,
  conversationId: string,
  externalId: string,
  now: Date,
): Promise<boolean> {
  const time = now.toISOString();
  const { rows } = await sql`
    with taken_back as (
      update messages set text = '', deleted_at = ${time}, answered_at = coalesce(answered_at, ${time}::timestamptz)
      where conversation_id = ${conversationId}
        and (external_id = ${externalId} or starts_with(external_id, ${versionOf(externalId, "")}))
      returning id),
    gone as (delete from attachments where message_id in (select id from taken_back) returning id),
    noted as (insert into files_to_remove (id, since) select id, ${time} from gone on conflict do nothing)
    select id from taken_back`.execute(tx);
  return rows.length > 0;
}

/** What waits for the contact is dropped, and what is said later, until they write again. */
export async function makeUnreachable(
  db: Kysely<Tables>,
  conversationId: string,
  reason: string,
  now: Date,
): Promise<void> {
  await db
    .updateTable("conversations")
    .set({ unreachable: reason })
    .where("id", "=", conversationId)
    .execute();
  await db
    .updateTable("deliveries")
    .set({ state: "dropped", reason, ended_at: now.toISOString() })
    .where("conversation_id", "=", conversationId)
    .where("state", "in", ["queued", "sending"])
    .execute();
}

async function reachableAgain(tx: Transaction<Tables>, conversationId: string): Promise<void> {
  await tx
    .updateTable("conversations")
    .set({ unreachable: null })
    .where("id", "=", conversationId)
    .where("unreachable", "is not", null)
    .execute();
}

async function insertWithParts(
  tx: Kysely<Tables>,
  message: Inbound,
  burstMs: number,
  options: WriteOptions,
): Promise<(MessageRow & { attached: boolean }) | undefined> {
  const stored = await insertInbound(tx, message, burstMs, options);
  if (stored === undefined) return undefined;
  const attachments: readonly InboundAttachment[] = message.attachments ?? [];
  if (attachments.length > 0) await attachToMessage(tx, stored, attachments, options);
  if (options.webhooks()) {
    const body = { conversationId: message.conversationId, messageId: stored.id };
    await insertWebhookEvents(tx, "conversation.message_received", body, options.now());
  }
  return { ...stored, attached: attachments.length > 0 };
}

/** One statement: lock, store once, make the turn due, tell. Undefined for a duplicate and an unknown conversation. */
async function insertInbound(
  db: Kysely<Tables>,
  { conversationId, externalId, text }: Inbound,
  burstMs: number,
  { newId, now }: WriteOptions,
): Promise<(MessageRow & { attached: boolean }) | undefined> {
  const { rows } = await sql<MessageRow>`
    with lane as (select key from lanes where kind = 'turn' and key = ${conversationId} for update),
    inserted as (
      insert into messages (id, conversation_id, external_id, sender, text, created_at)
      select ${newId()}, lane.key, ${externalId}, 'contact', ${text}, ${now().toISOString()}::timestamptz from lane
      on conflict (conversation_id, external_id) do nothing
      returning *),
    armed as (update lanes set armed_at = coalesce(armed_at, now()), due_at = ${burstEnd(burstMs)}
      from inserted where lanes.kind = 'turn' and lanes.key = inserted.conversation_id)
    select inserted.*, pg_notify(${conversationChanged}, conversation_id) from inserted`.execute(db);
  const row = rows[0];
  return row === undefined ? undefined : { ...row, attached: false };
}

/** When a turn begins that waits for more of the burst: a while after the last message, but not for ever. */
const burstEnd = (burstMs: number): RawBuilder<Date> => sql`case
  when armed_at is null then now() + ${burstMs}::float8 * interval '1 millisecond'
  when due_at <= now() then due_at
  else least(now() + ${burstMs}::float8 * interval '1 millisecond',
    armed_at + ${4 * burstMs}::float8 * interval '1 millisecond') end`;

async function findInbound(
  db: Kysely<Tables>,
  conversationId: string,
  externalId: string,
): Promise<(MessageRow & { attached: boolean }) | undefined> {
  return db
    .selectFrom("messages")
    .selectAll()
    .select(isAttached.as("attached"))
    .where("conversation_id", "=", conversationId)
    .where("external_id", "=", externalId)
    .executeTakeFirst();
}

/** Whether a turn is held by some process, also one that is slow: it may end still, with what it read. */
async function isTurnRunning(tx: Transaction<Tables>, conversationId: string): Promise<boolean> {
  const { rows } = await sql<{ running: boolean }>`
    select leased_by is not null as running from lanes
    where kind = 'turn' and key = ${conversationId} for update`.execute(tx);
  return rows[0]?.running === true;
}

async function notifyChanged(tx: Transaction<Tables>, conversationId: string): Promise<void> {
  await sql`select pg_notify(${conversationChanged}, ${conversationId})`.execute(tx);
}

async function one(db: Kysely<Tables>, row: MessageRow & { attached: boolean }) {
  const [message] = await toMessages(db, [row]);
  if (message === undefined) throw new Error("A stored message was not read.");
  return message;
}
