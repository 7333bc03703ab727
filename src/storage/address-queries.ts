import { type Kysely, sql } from "kysely";
import type { Conversation } from "../messaging/conversation.ts";
import type { NewConversation } from "../messaging/conversation-store.ts";
import type { PlatformAddress } from "../messaging/platform-event.ts";
import { openAddress, type Sealer, sealAddress } from "./sealer.ts";
import type { Tables } from "./tables.ts";
import { findConversation, type WriteOptions } from "./turn-queries.ts";
import { insertWebhookEvents } from "./webhook-events.ts";

export interface OpenOptions {
  readonly sealer: Sealer;
}

/** The conversation of an address; not that of a contact who asked to be forgotten. */
export async function findAddress(
  db: Kysely<Tables>,
  channel: string,
  address: PlatformAddress,
  sealer: Sealer,
): Promise<string | undefined> {
  const row = await db
    .selectFrom("addresses")
    .select("conversation_id")
    .where("channel", "=", channel)
    .where("key_hash", "=", sealer.hash(channel, address.key))
    .where("erase_after", "is", null)
    .executeTakeFirst();
  return row?.conversation_id;
}

/** The contact is reached in another way from now on; it is still the same contact. */
export async function moveAddress(
  db: Kysely<Tables>,
  conversationId: string,
  address: PlatformAddress,
  sealer: Sealer,
): Promise<void> {
  await db
    .updateTable("addresses")
    .set({ sealed: sealAddress(sealer, address) })
    .where("conversation_id", "=", conversationId)
    .execute();
}

/** The address of a conversation, opened. */
export async function addressOf(
  db: Kysely<Tables>,
  conversationId: string,
  sealer: Sealer,
): Promise<PlatformAddress | undefined> {
  const row = await db
    .selectFrom("addresses")
    .select("sealed")
    .where("conversation_id", "=", conversationId)
    .executeTakeFirst();
  return row === undefined ? undefined : openAddress(sealer, row.sealed);
}

/** Opens a conversation with a new contact. With an address that is known already, finds that conversation. */
export async function openConversation(
  tx: Kysely<Tables>,
  channel: string,
  { address, origin, surface = address?.surface ?? "private" }: NewConversation,
  { newId, now, sealer, webhooks }: WriteOptions & OpenOptions,
): Promise<Conversation> {
  const conversation = { id: newId(), contactId: newId(), channel, surface };
  const created_at = now().toISOString();
  await tx.insertInto("contacts").values({ id: conversation.contactId, created_at }).execute();
  await tx
    .insertInto("conversations")
    .values({
      id: conversation.id,
      contact_id: conversation.contactId,
      channel,
      surface,
      origin: origin ?? null,
      created_at,
    })
    .execute();
  if (address !== undefined) {
    const key_hash = sealer.hash(channel, address.key);
    const { rows } = await sql`
      insert into addresses (channel, key_hash, conversation_id, sealed, created_at)
      values (${channel}, ${key_hash}, ${conversation.id}, ${sealAddress(sealer, address)}, ${created_at})
      on conflict (channel, key_hash) where erase_after is null do nothing returning key_hash`.execute(tx);
    if (rows.length === 0) {
      // Another process was faster, or the address is known: what was made here goes again.
      await tx.deleteFrom("conversations").where("id", "=", conversation.id).execute();
      await tx.deleteFrom("contacts").where("id", "=", conversation.contactId).execute();
      const id = await findAddress(tx, channel, address, sealer);
      const found = id === undefined ? undefined : await findConversation(tx, id);
      if (found === undefined) throw new Error("The address of a conversation vanished while it was opened.");
      return found;
    }
  }
  const kinds = address === undefined ? ["turn"] : ["turn", `send:${channel}`];
  await tx
    .insertInto("lanes")
    .values(kinds.map((kind) => ({ kind, key: conversation.id })))
    .execute();
  if (webhooks())
    await insertWebhookEvents(tx, "conversation.opened", { conversationId: conversation.id, channel }, now());
  return {
    ...conversation,
    ...(origin === undefined ? {} : { origin }),
    noticeGiven: false,
    handOverRequested: false,
  };
}
