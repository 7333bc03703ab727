import { type Kysely, sql } from "kysely";
import { anyOf } from "./sql-values.ts";
import type { Tables } from "./tables.ts";

/**
 * Takes conversations away with everything that belongs to them, and their contacts where these have no other one.
 * Their files are left to `removeFiles`. The caller holds their turn lanes, so that nobody writes meanwhile.
 */
export async function deleteConversations(
  tx: Kysely<Tables>,
  ids: readonly string[],
  now: Date,
): Promise<number> {
  const time = now.toISOString();
  await sql`
    insert into files_to_remove (id, since)
    select id, ${time}::timestamptz from attachments where conversation_id = ${anyOf(ids)}
    on conflict do nothing`.execute(tx);
  await sql`
    delete from lanes using conversations
    where conversations.id = ${anyOf(ids)} and lanes.key = conversations.id
      and lanes.kind in ('turn', 'send:' || conversations.channel)`.execute(tx);
  const deleted = await tx
    .deleteFrom("conversations")
    .where("id", "=", anyOf(ids))
    .returning("contact_id")
    .execute();
  await deleteContacts(
    tx,
    deleted.map((row) => row.contact_id),
  );
  return deleted.length;
}

/** Contacts who have no conversation any more. */
export async function deleteContacts(tx: Kysely<Tables>, ids: readonly string[]): Promise<void> {
  await sql`
    delete from contacts where id = ${anyOf(ids)}
      and not exists (select from conversations where contact_id = contacts.id)`.execute(tx);
}

/** Holds the turn lanes of conversations until the commit, those that are free; resolves to their conversations. */
export async function lockFreeConversations(tx: Kysely<Tables>, ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    select key from lanes
    where kind = 'turn' and key = ${anyOf(ids)} and (leased_until is null or leased_until <= now())
    order by key for update skip locked`.execute(tx);
  return rows.map((row) => row.key);
}
