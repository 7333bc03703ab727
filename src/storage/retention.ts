import { type Kysely, type RawBuilder, sql } from "kysely";
import type { FileStore } from "../messaging/file-store.ts";
import { batches, batchSize, takeTurns } from "./batches.ts";
import { deleteConversations, lockFreeConversations } from "./delete-conversations.ts";
import { anyOf } from "./sql-values.ts";
import type { Tables } from "./tables.ts";

/** What a run of the daily deletion took away. */
export interface Expired {
  readonly conversations: number;
  readonly uploads: number;
  readonly webhookEvents: number;
}

export interface RetentionOptions {
  /** Days after its last message that a conversation goes; 0 keeps all of them. */
  readonly retentionDays: number;
  readonly now: Date;
}

const hour = 60 * 60 * 1000;
const day = 24 * hour;

/** Milliseconds after which an upload goes that was never sent with a message. */
const uploadPatience = day;

/** Milliseconds that a webhook event is kept after it was delivered or given up. */
const webhookMemory = 7 * day;

/**
 * For so many milliseconds a file is removed again at each run: one that was being fetched when its message was
 * deleted may be kept only afterwards.
 */
const fileLinger = 2 * hour;

/** Messages, then emptied conversations, that one transaction deletes: all that hangs on them costs time too. */
const messagesAtOnce = 100;
const conversationsAtOnce = 20;

/**
 * Deletes what has served its time, in small transactions between which chat goes on. A conversation in which a
 * person was asked for is kept twice as long: no request is ever closed yet, so that being open cannot keep it. One
 * in which a turn is running is left for the next day.
 */
export async function deleteExpired(db: Kysely<Tables>, options: RetentionOptions): Promise<Expired> {
  const { retentionDays, now } = options;
  return {
    conversations: retentionDays === 0 ? 0 : await deleteConversationsBefore(db, retentionDays, now),
    uploads: await deleteUploads(db, now),
    webhookEvents: await deleteWebhookEvents(db, new Date(now.getTime() - webhookMemory)),
  };
}

/**
 * Removes the files of what was deleted; resolves to how many entries are done with. An entry stays for two hours, so
 * that a file which was being fetched meanwhile goes too. Rejects where the files cannot be reached: nothing is lost
 * by that, the next run tries again.
 */
export async function removeFiles(db: Kysely<Tables>, files: FileStore, now: Date): Promise<number> {
  const settled = now.getTime() - fileLinger;
  let done = 0;
  let after = "";
  for (;;) {
    const rows = await db
      .selectFrom("files_to_remove")
      .selectAll()
      .where("id", ">", after)
      .orderBy("id")
      .limit(batchSize)
      .execute();
    if (rows.length > 0) {
      await files.remove(rows.map(({ id }) => id));
      const old = rows.filter(({ since }) => since.getTime() <= settled).map(({ id }) => id);
      await db.deleteFrom("files_to_remove").where("id", "=", anyOf(old)).execute();
      done += old.length;
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < batchSize) {
      return done;
    }
    after = last.id;
    await takeTurns();
  }
}

async function deleteConversationsBefore(
  db: Kysely<Tables>,
  retentionDays: number,
  now: Date,
): Promise<number> {
  const before = new Date(now.getTime() - retentionDays * day);
  const expired = isExpired(before, new Date(now.getTime() - 2 * retentionDays * day));
  let deleted = 0;
  let after = "";
  for (;;) {
    // Each page is a short statement; what it finds is looked at once more when nobody can write there.
    const page = await db
      .selectFrom("conversations")
      .select(["id", expired.as("expired")])
      .where("id", ">", after)
      .orderBy("id")
      .limit(batchSize)
      .execute();
    const ids = page.filter((row) => row.expired).map(({ id }) => id);
    await deleteMessages(db, ids, before, now);
    for (const some of batches(ids, conversationsAtOnce)) {
      deleted += await db.transaction().execute(async (tx) => {
        const free = await lockFreeConversations(tx, some);
        const still = await tx
          .selectFrom("conversations")
          .select("id")
          .where("id", "=", anyOf(free))
          .where(expired)
          .execute();
        return deleteConversations(
          tx,
          still.map(({ id }) => id),
          now,
        );
      });
      await takeTurns();
    }
    const last = page.at(-1);
    if (last === undefined || page.length < batchSize) {
      return deleted;
    }
    after = last.id;
    await takeTurns();
  }
}

/** Empties conversations a little at a time. What somebody says there meanwhile stays, and the conversation with it. */
async function deleteMessages(
  db: Kysely<Tables>,
  conversationIds: readonly string[],
  before: Date,
  now: Date,
): Promise<void> {
  await repeat(messagesAtOnce, async () => {
    const { rows } = await sql`
      with old as materialized (
        select id from messages
        where conversation_id = ${anyOf(conversationIds)} and created_at < ${before.toISOString()}::timestamptz
        limit ${messagesAtOnce}
      ), noted as (
        insert into files_to_remove (id, since)
        select id, ${now.toISOString()}::timestamptz from attachments where message_id in (select id from old)
        on conflict do nothing
      )
      delete from messages where id in (select id from old) returning id`.execute(db);
    return rows.length;
  });
}

/** No turn is running, and nothing was said since `before`; where a person was asked for, since `longBefore`. */
function isExpired(before: Date, longBefore: Date): RawBuilder<boolean> {
  return sql<boolean>`coalesce(
    (select messages.created_at from messages where messages.conversation_id = conversations.id
      order by messages.seq desc limit 1),
    conversations.created_at
  ) < case when exists (
    select from hand_over_requests where hand_over_requests.conversation_id = conversations.id
  ) then ${longBefore.toISOString()}::timestamptz else ${before.toISOString()}::timestamptz end
  and not exists (
    select from lanes where kind = 'turn' and key = conversations.id and leased_until > now()
  )`;
}

async function deleteUploads(db: Kysely<Tables>, now: Date): Promise<number> {
  const before = new Date(now.getTime() - uploadPatience);
  return repeat(batchSize, async () => {
    const { rows } = await sql<{ count: string | number }>`
      with gone as (
        delete from attachments where id in (
          select id from attachments
          where message_id is null and received_at < ${before.toISOString()}::timestamptz limit ${batchSize}
          for update skip locked
        ) returning id
      ), noted as (
        insert into files_to_remove (id, since)
        select id, ${now.toISOString()}::timestamptz from gone on conflict do nothing
      )
      select count(*) as count from gone`.execute(db);
    return Number(rows[0]?.count ?? 0);
  });
}

async function deleteWebhookEvents(db: Kysely<Tables>, before: Date): Promise<number> {
  return repeat(batchSize, async () => {
    const { rows } = await sql`
      delete from webhook_events where id in (
        select id from webhook_events
        where state <> 'queued' and ended_at < ${before.toISOString()}::timestamptz limit ${batchSize}
        for update skip locked
      ) returning id`.execute(db);
    return rows.length;
  });
}

async function repeat(size: number, batch: () => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    const count = await batch();
    total += count;
    if (count < size) {
      return total;
    }
    await takeTurns();
  }
}
