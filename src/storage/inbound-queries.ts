import { type Kysely, type RawBuilder, sql, type Transaction } from "kysely";
import { AppError } from "../errors.ts";
import type { Received, ReceivedEvent } from "../messaging/conversation-store.ts";
import type { InboundAttachment, InboundMessage } from "../messaging/message.ts";
import type { PlatformEvent } from "../messaging/platform-event.ts";
import { findAddress, moveAddress, type OpenOptions, openConversation } from "./address-queries.ts";
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
    await lockKnownLanes(tx, channel, events, options);
    const outcomes: ReceivedEvent[] = [];
    for (const event of events) outcomes.push(await receiveEvent(tx, channel, event, burstMs, options));
    return outcomes;
  });
}

/** What is found of a contact after this stays as it is until the commit. */
async function lockKnownLanes(
  tx: Transaction<Tables>,
  channel: string,
  events: readonly PlatformEvent[],
  { sealer }: OpenOptions,
): Promise<void> {
  const keys = new Set(events.map(({ address }) => address.key));
  const hashes = [...keys].map((key) => sealer.hash(channel, key));
  await sql`
    select from addresses join lanes on lanes.kind = 'turn' and lanes.key = addresses.conversation_id
    where addresses.channel = ${channel} and addresses.key_hash = ${anyOf(hashes)}
      and addresses.erase_after is null
    order by lanes.key for update of lanes`.execute(tx);
}

async function receiveEvent(
  tx: Transaction<Tables>,
  channel: string,
  event: PlatformEvent,
  burstMs: number,
  options: WriteOptions & OpenOptions,
): Promise<ReceivedEvent> {
  const known = await findAddress(tx, channel, event.address, options.sealer);
  if (event.type === "message") {
    const details = {
      address: event.address,
      ...(event.origin === undefined ? {} : { origin: event.origin }),
    };
    const conversationId = known ?? (await openConversation(tx, channel, details, options)).id;
    if (known !== undefined) {
      await reachableAgain(tx, conversationId);
      // In a group the way back leads to the last message of the member.
      if (event.address.surface === "group") await moveAddress(tx, known, event.address, options.sealer);
    }
    const stored = await insertWithParts(tx, { ...event, conversationId }, burstMs, options);
    const outcome = stored === undefined ? "duplicate" : "stored";
    return { outcome, conversationId, isNew: known === undefined };
  }
  if (known === undefined) return { outcome: "ignored", isNew: false };
  const applied = await applyEvent(tx, known, event, burstMs, options);
  return { outcome: applied ? "applied" : "ignored", conversationId: known, isNew: false };
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
