import { type Kysely, type RawBuilder, sql } from "kysely";
import { takeTurns } from "./batches.ts";
import { deleteContacts, deleteConversations } from "./delete-conversations.ts";
import { plainPrefix } from "./sealer.ts";
import type { Tables } from "./tables.ts";

/** How long a forgotten contact's address or token is kept at most for the receipt, in milliseconds. */
export const receiptPatience = 60 * 60 * 1000;

/** Conversations that one transaction of `purgeForgotten` looks at. */
const purgeBatch = 20;

/**
 * Deletes what a contact left, at their wish, within the transaction that ends the turn and under its lane. Messages
 * with all that hangs on them, uploads, origin and notice go; the contact is another one; the address (or the web
 * visitor's token) stays for the receipt only and leads no new message here. The receipt is written afterwards,
 * answering no message.
 *
 * `afterSeq`: the `seq` of the turn's last message. What the contact wrote after it still waits for its turn and
 * stays; they went on writing, so their address stays too, and this conversation begins anew with that.
 */
export async function forgetConversation(
  tx: Kysely<Tables>,
  conversationId: string,
  now: Date,
  afterSeq?: number,
): Promise<void> {
  const conversation = await tx
    .selectFrom("conversations")
    .select(["contact_id", "channel"])
    .where("id", "=", conversationId)
    .executeTakeFirst();
  if (conversation === undefined) {
    return;
  }
  const time = now.toISOString();
  const stays =
    afterSeq === undefined
      ? sql<boolean>`false`
      : sql<boolean>`(seq > ${afterSeq} and sender = 'contact' and answered_at is null)`;
  await deleteMessages(tx, conversationId, stays, time);
  await renewContact(tx, conversationId, conversation.contact_id, time);
  const later = await tx
    .selectFrom("messages")
    .select("id")
    .where("conversation_id", "=", conversationId)
    .limit(1)
    .executeTakeFirst();
  if (later === undefined) {
    await markForgotten(tx, conversationId, conversation.channel, now);
  }
  await tx
    .insertInto("event_log")
    .values({ type: "forgotten", channel: conversation.channel, at: time })
    .execute();
}

/**
 * Ends a forgotten conversation whose receipt was handed over: address, token, receipt and conversation go. Does
 * nothing where the conversation was not forgotten or something still waits there, so it may be called whenever a
 * conversation's ledger was worked off. True where it is gone.
 */
export async function eraseAddress(
  db: Kysely<Tables>,
  conversationId: string,
  now: Date = new Date(),
): Promise<boolean> {
  const marked = await db
    .selectFrom("addresses")
    .select("erase_after")
    .where("conversation_id", "=", conversationId)
    .where("erase_after", "is not", null)
    .executeTakeFirst();
  return marked !== undefined && (await end(db, conversationId, now, { receiptMayWait: false }));
}

/**
 * Ends every forgotten conversation whose receipt could not be handed over in time; resolves to how many. One in
 * which the contact wrote once more, and still waits for an answer, is left for the next run.
 */
export async function purgeForgotten(db: Kysely<Tables>, now: Date): Promise<number> {
  let gone = 0;
  let after = "";
  for (;;) {
    const due = await db
      .selectFrom("addresses")
      .select("conversation_id as id")
      .where("erase_after", "<=", sql<Date>`${now.toISOString()}::timestamptz`)
      .where("conversation_id", ">", after)
      .orderBy("conversation_id")
      .limit(purgeBatch)
      .execute();
    for (const { id } of due) {
      gone += (await end(db, id, now, { receiptMayWait: true })) ? 1 : 0;
      after = id;
    }
    if (due.length < purgeBatch) {
      return gone;
    }
    await takeTurns();
  }
}

async function deleteMessages(
  tx: Kysely<Tables>,
  conversationId: string,
  stays: RawBuilder<boolean>,
  time: string,
): Promise<void> {
  await sql`
    with gone as (
      delete from attachments where conversation_id = ${conversationId} and (message_id is null or message_id in (
        select id from messages where conversation_id = ${conversationId} and not ${stays}
      )) returning id
    )
    insert into files_to_remove (id, since) select id, ${time}::timestamptz from gone on conflict do nothing`.execute(
    tx,
  );
  await sql`delete from messages where conversation_id = ${conversationId} and not ${stays}`.execute(tx);
}

/** Another contact takes the place of this one: nothing that is kept elsewhere leads from here to there. */
async function renewContact(
  tx: Kysely<Tables>,
  conversationId: string,
  contactId: string,
  time: string,
): Promise<void> {
  await sql`
    with fresh as (
      insert into contacts (id, created_at) values (gen_random_uuid()::text, ${time}::timestamptz) returning id
    )
    update conversations set contact_id = fresh.id, created_at = ${time}::timestamptz, origin = null,
      notice_given_at = null, busy_told_at = null
    from fresh where conversations.id = ${conversationId}`.execute(tx);
  await deleteContacts(tx, [contactId]);
}

/** A web visitor has no address: a row that holds nothing bears the mark. */
async function markForgotten(
  tx: Kysely<Tables>,
  conversationId: string,
  channel: string,
  now: Date,
): Promise<void> {
  const erase_after = new Date(now.getTime() + receiptPatience).toISOString();
  await tx
    .insertInto("addresses")
    .values({
      channel,
      key_hash: "",
      conversation_id: conversationId,
      sealed: `${plainPrefix}{}`,
      created_at: now.toISOString(),
      erase_after,
    })
    .onConflict((conflict) => conflict.column("conversation_id").doUpdateSet({ key_hash: "", erase_after }))
    .execute();
}

async function end(
  db: Kysely<Tables>,
  conversationId: string,
  now: Date,
  { receiptMayWait }: { receiptMayWait: boolean },
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    // Whoever stores a message here holds this lane: it is seen below, or finds no conversation any more.
    await sql`select from lanes where kind = 'turn' and key = ${conversationId} for update`.execute(tx);
    const { rows } = await sql<{ unanswered: boolean; undelivered: boolean; goes_on: boolean }>`
      select
        exists (select from messages where conversation_id = ${conversationId} and sender = 'contact'
          and answered_at is null) as unanswered,
        exists (select from deliveries where conversation_id = ${conversationId}
          and state in ('queued', 'sending')) as undelivered,
        exists (select from messages where conversation_id = ${conversationId} and sender = 'contact')
          and exists (select from visitors where conversation_id = ${conversationId}) as goes_on
      from addresses where conversation_id = ${conversationId} and erase_after is not null`.execute(tx);
    const state = rows[0];
    if (state === undefined || state.unanswered || (state.undelivered && !receiptMayWait)) {
      return false;
    }
    if (state.goes_on) {
      // The visitor wrote again with the same token before the receipt was fetched: a new beginning, not a rest.
      await tx.deleteFrom("addresses").where("conversation_id", "=", conversationId).execute();
      return false;
    }
    return (await deleteConversations(tx, [conversationId], now)) > 0;
  });
}
