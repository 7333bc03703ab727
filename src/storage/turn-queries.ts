import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Conversation, Surface } from "../messaging/conversation.ts";
import type { FinishedTurn, TurnWork } from "../messaging/conversation-store.ts";
import type { LaneClaim } from "../messaging/lane-store.ts";
import type { OutboundMessage, StoredMessage } from "../messaging/message.ts";
import type { TurnResult } from "../messaging/turn-handler.ts";
import { forgetConversation } from "./forget.ts";
import { endedWell, holds } from "./lane-store.ts";
import { isAttached, type MessageRow, toMessage, toMessages } from "./message-rows.ts";
import { withoutNulls } from "./sql-values.ts";
import { jsonText } from "./storable-text.ts";
import type { Tables } from "./tables.ts";
import { insertWebhookEvents } from "./webhook-events.ts";

/**
 * The `Database.listen` channel that hears, after the commit, the id of every conversation that got a message:
 * what wakes other replicas.
 */
export const conversationChanged = "conversation_changed";

/** The `Database.listen` channel that hears, after the commit, the kind of a lane in which something is to be sent. */
export const sendQueued = "send_queued";

export interface WriteOptions {
  readonly newId: () => string;
  readonly now: () => Date;
  /** Whether outgoing webhooks are written: looked up seldom, because each costs a statement. */
  readonly webhooks: () => boolean;
}

interface ConversationRow {
  readonly conversation_id: string;
  readonly contact_id: string;
  readonly channel: string;
  readonly surface: Surface;
  readonly origin: string | null;
  readonly notice_given: boolean;
  readonly requested: boolean;
}

/** A conversation as the domain knows it, beside the columns of a message. */
const conversationColumns = sql`conversations.id as conversation_id, contact_id, channel, surface, origin,
  notice_given_at is not null as notice_given,
  exists (select from hand_over_requests where hand_over_requests.conversation_id = conversations.id) as requested`;

export async function findConversation(
  db: Kysely<Tables>,
  conversationId: string,
): Promise<Conversation | undefined> {
  const { rows } = await sql<ConversationRow>`
    select ${conversationColumns} from conversations where id = ${conversationId}`.execute(db);
  return rows.map(toConversation)[0];
}

/** What waits and what was said before, in one statement. A conversation without a message gives one empty row. */
export async function loadTurn(
  db: Kysely<Tables>,
  conversationId: string,
  mostMessages: number,
  historyLength: number,
): Promise<TurnWork | undefined> {
  type Row = MessageRow & ConversationRow & { waits: boolean | null; attached: boolean };
  const { rows } = await sql<Row>`
    with conversation as materialized (
      select ${conversationColumns} from conversations where id = ${conversationId}
    )
    select said.*, conversation.*
    from conversation left join lateral (
      (select *, true as waits, ${isAttached} as attached from messages
        where conversation_id = conversation.conversation_id and sender = 'contact' and answered_at is null
        order by seq limit ${mostMessages + 1})
      union all
      (select *, false as waits, ${isAttached} as attached from messages
        where conversation_id = conversation.conversation_id and (sender <> 'contact' or answered_at is not null)
        order by seq desc limit ${historyLength})
    ) as said on true
    order by said.seq`.execute(db);
  const first = rows[0];
  if (first === undefined) return undefined;
  const waiting = rows.filter(({ waits }) => waits === true);
  const before = rows.filter(({ waits }) => waits === false);
  const all = await toMessages(db, [...waiting.slice(0, mostMessages), ...before]);
  const messages = all.slice(0, Math.min(waiting.length, mostMessages));
  const history = all.slice(messages.length);
  return { conversation: toConversation(first), messages, history, more: waiting.length > mostMessages };
}

function toConversation(row: ConversationRow): Conversation {
  return {
    id: row.conversation_id,
    contactId: row.contact_id,
    channel: row.channel,
    surface: row.surface,
    ...withoutNulls({ origin: row.origin }),
    noticeGiven: row.notice_given,
    handOverRequested: row.requested,
  };
}

/** Ends a turn; undefined, and nothing stored, where the claim was lost. */
export async function finishTurn(
  db: Kysely<Tables>,
  claim: LaneClaim,
  work: Pick<TurnWork, "messages" | "more">,
  result: TurnResult,
  options: WriteOptions,
): Promise<FinishedTurn | undefined> {
  if (result.forget) {
    return db.transaction().execute(async (tx) => {
      if (!(await lockClaimed(tx, claim))) return undefined;
      if (options.webhooks())
        await insertWebhookEvents(tx, "conversation.forgotten", { conversationId: claim.key }, options.now());
      await forgetConversation(tx, claim.key, options.now(), work.messages.at(-1)?.seq);
      return writeTurn(tx, claim, { messages: [], more: work.more }, result, options);
    });
  }
  if (!options.webhooks()) return writeTurn(db, claim, work, result, options);
  return db.transaction().execute(async (tx) => {
    const finished = await writeTurn(tx, claim, work, result, options);
    for (const reply of finished?.replies ?? []) {
      const body = { conversationId: claim.key, messageId: reply.id, sender: reply.sender };
      await insertWebhookEvents(tx, "conversation.replied", body, options.now());
    }
    if (finished !== undefined && result.handOver !== undefined) {
      // Without the reasons: they tell of illness, violence, despair.
      const body = { conversationId: claim.key };
      await insertWebhookEvents(tx, "conversation.hand_over_requested", body, options.now());
    }
    return finished;
  });
}

/** One statement: it is all there or not at all, and costs one round trip. */
async function writeTurn(
  db: Kysely<Tables>,
  claim: LaneClaim,
  { messages, more }: Pick<TurnWork, "messages" | "more">,
  result: TurnResult,
  { newId, now }: WriteOptions,
): Promise<FinishedTurn | undefined> {
  const time = now().toISOString();
  const last = messages.at(-1)?.id ?? null;
  const ids = messages.map(({ id }) => id);
  const lane = more ? sql`attempts = 0, due_at = now(), armed_at = now()` : endedWell;
  const parts: RawBuilder<unknown>[] = [
    sql`lane as (update lanes set leased_by = null, leased_until = null, ${lane} where ${holds(claim)}
      returning key, due_at)`,
    sql`answered as (update messages set answered_at = ${time}, set_aside = ${result.setAside ?? null}
      from lane where messages.id = any(${ids}::text[]))`,
    ...insertMessages(claim.key, newId, time, result.replies, last),
  ];
  if (result.noticeGiven) {
    parts.push(sql`notice as (update conversations set notice_given_at = ${time} from lane
      where conversations.id = lane.key and notice_given_at is null)`);
  }
  if (result.handOver !== undefined && last !== null) {
    parts.push(sql`requested as (
      insert into hand_over_requests (id, conversation_id, message_id, reasons, created_at)
      select ${newId()}, lane.key, ${last}, ${jsonText(result.handOver.reasons)}::jsonb, ${time} from lane
      on conflict (message_id) do nothing)`);
  }
  const rows = await runWrite(db, parts);
  const [first] = rows;
  if (first?.held !== true) return undefined;
  const dueIn = first.due_in === null ? {} : { dueIn: Math.max(0, Number(first.due_in)) };
  return { replies: storedOf(rows), ...dueIn };
}

/** Messages outside of a turn. Undefined where the conversation does not exist. */
export async function postMessages(
  db: Kysely<Tables>,
  conversationId: string,
  messages: readonly OutboundMessage[],
  { newId, now }: WriteOptions,
): Promise<StoredMessage[] | undefined> {
  const parts = [
    sql`lane as (select key, due_at from lanes where kind = 'turn' and key = ${conversationId} for update)`,
    ...insertMessages(conversationId, newId, now().toISOString(), messages, null),
  ];
  const rows = await runWrite(db, parts);
  return rows[0]?.held === true ? storedOf(rows) : undefined;
}

type WrittenRow = MessageRow & { held: boolean; due_in: string | number | null };

async function runWrite(db: Kysely<Tables>, parts: readonly RawBuilder<unknown>[]): Promise<WrittenRow[]> {
  const { rows } = await sql<WrittenRow>`
    with ${sql.join(parts)}
    select held.held, held.due_in, said.* from
      (select count(*) = 1 as held, extract(epoch from min(due_at) - now()) * 1000 as due_in,
        min(pg_notify(${conversationChanged}, key)::text) from lane) as held
      cross join (select min(pg_notify(${sendQueued}, kind)::text) from sending) as told
      left join said on true
    order by said.seq`.execute(db);
  return rows;
}

const storedOf = (rows: readonly WrittenRow[]) =>
  rows.filter(({ id }) => id !== null).map((row) => toMessage(row));

/**
 * Messages with their ledger, in order, where the part `lane` gives a row: `seq` is given out after the sort. Whoever
 * inserts holds the turn lane of the conversation until the commit, so that within one conversation a smaller `seq`
 * never becomes visible after a larger one: a reader with a cursor misses nothing.
 */
function insertMessages(
  conversationId: string,
  newId: () => string,
  time: string,
  messages: readonly OutboundMessage[],
  replyTo: string | null,
): RawBuilder<unknown>[] {
  const rows = messages.map(({ sender, text, answer, quickReplies }, ordinal) => ({
    ordinal,
    id: newId(),
    sender,
    text,
    answer: answer ?? null,
    quick_replies: quickReplies ?? null,
  }));
  return [
    sql`said as (
      insert into messages (id, conversation_id, sender, text, answer, quick_replies, reply_to, created_at)
      select made.id, lane.key, made.sender, made.text, nullif(made.answer, 'null'::jsonb),
        nullif(made.quick_replies, 'null'::jsonb), ${replyTo}, ${time}::timestamptz
      from lane, jsonb_to_recordset(${jsonText(rows)}::jsonb)
        as made(ordinal integer, id text, sender text, text text, answer jsonb, quick_replies jsonb)
      order by made.ordinal
      returning *)`,
    // By its id and not joined to what was said: of that the planner knows no number, and would read all conversations.
    sql`place as (select channel, unreachable from conversations where id = ${conversationId})`,
    sql`ledger as (
      insert into deliveries (message_id, conversation_id, channel, seq, state, reason, queued_at, ended_at)
      select said.id, said.conversation_id, channel, said.seq,
        case when unreachable is null then 'queued' else 'dropped' end, unreachable, now(),
        case when unreachable is null then null else ${time}::timestamptz end
      from said, place)`,
    // While the lane rests because the platform wants it so, what is new waits behind what is old.
    sql`sending as (
      update lanes set armed_at = coalesce(armed_at, now()),
        due_at = case when due_at is null then now() when attempts = 0 then least(due_at, now()) else due_at end
      from place
      where lanes.kind = 'send:' || place.channel and lanes.key = ${conversationId} and exists (select from said)
      returning lanes.kind)`,
  ];
}

async function lockClaimed(tx: Kysely<Tables>, claim: LaneClaim): Promise<boolean> {
  const { rows } = await sql`select key from lanes where ${holds(claim)} for update`.execute(tx);
  return rows.length > 0;
}
