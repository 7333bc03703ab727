import type { Kysely } from "kysely";
import { createSealer, sealAddress } from "../../../src/storage/sealer.ts";
import { jsonText } from "../../../src/storage/storable-text.ts";
import type { Tables } from "../../../src/storage/tables.ts";

export interface SampleConversation {
  readonly channel?: string;
  /** When it began and its messages were written. */
  readonly at: Date;
  /** The platform's id of the contact; absent: no address. */
  readonly key?: string;
  /** The hash of a web visitor's token. */
  readonly token?: string;
  readonly handOver?: boolean;
  readonly files?: boolean;
  /** Whether the contact's message still waits for its turn. */
  readonly waiting?: boolean;
}

/**
 * A conversation in rows as the road leaves them: a question and its reply with ledger and lanes. Ids begin with
 * `id`; resolves to it.
 */
export async function insertConversation(
  db: Kysely<Tables>,
  id: string,
  {
    channel = "telegram",
    at,
    key,
    token,
    handOver = false,
    files = false,
    waiting = false,
  }: SampleConversation,
): Promise<string> {
  const time = at.toISOString();
  await db
    .insertInto("contacts")
    .values({ id: `${id}-contact`, created_at: time })
    .execute();
  await db
    .insertInto("conversations")
    .values({
      id,
      contact_id: `${id}-contact`,
      channel,
      created_at: time,
      origin: "door-1",
      notice_given_at: time,
      busy_told_at: time,
    })
    .execute();
  await db
    .insertInto("lanes")
    .values(["turn", `send:${channel}`].map((kind) => ({ kind, key: id })))
    .execute();
  if (key !== undefined) await insertAddress(db, id, { channel, key, at });
  if (token !== undefined) {
    await db
      .insertInto("visitors")
      .values({ token_hash: token, conversation_id: id, created_at: time })
      .execute();
  }
  await insertMessage(db, `${id}-question`, { conversationId: id, at, waiting, sender: "contact" });
  if (!waiting) {
    await insertMessage(db, `${id}-reply`, {
      conversationId: id,
      at,
      sender: "bot",
      replyTo: `${id}-question`,
    });
    await insertDelivery(db, `${id}-reply`, { conversationId: id, channel, at, state: "sent" });
  }
  if (handOver) {
    await db
      .insertInto("hand_over_requests")
      .values({
        id: `${id}-request`,
        conversation_id: id,
        message_id: `${id}-question`,
        reasons: jsonText(["person_asked"]),
        created_at: time,
      })
      .execute();
  }
  if (files) {
    await insertFile(db, `${id}-photo`, { conversationId: id, messageId: `${id}-question`, at });
    await insertFile(db, `${id}-upload`, { conversationId: id, at });
  }
  return id;
}

export async function insertAddress(
  db: Kysely<Tables>,
  conversationId: string,
  {
    channel,
    key,
    at,
    sealer = createSealer(),
  }: { channel: string; key: string; at: Date; sealer?: ReturnType<typeof createSealer> },
): Promise<void> {
  await db
    .insertInto("addresses")
    .values({
      channel,
      key_hash: sealer.hash(channel, key),
      conversation_id: conversationId,
      sealed: sealAddress(sealer, { key, surface: "private", data: { chat: key } }),
      created_at: at.toISOString(),
    })
    .execute();
}

export async function insertMessage(
  db: Kysely<Tables>,
  id: string,
  {
    conversationId,
    at,
    sender,
    waiting = false,
    replyTo,
  }: {
    conversationId: string;
    at: Date;
    sender: "contact" | "bot" | "system";
    waiting?: boolean;
    replyTo?: string;
  },
): Promise<number> {
  const { seq } = await db
    .insertInto("messages")
    .values({
      id,
      conversation_id: conversationId,
      external_id: sender === "contact" ? id : null,
      sender,
      text: `text of ${id}`,
      reply_to: replyTo ?? null,
      created_at: at.toISOString(),
      answered_at: sender === "contact" && !waiting ? at.toISOString() : null,
    })
    .returning("seq")
    .executeTakeFirstOrThrow();
  return Number(seq);
}

export async function insertDelivery(
  db: Kysely<Tables>,
  messageId: string,
  {
    conversationId,
    channel,
    at,
    state,
  }: { conversationId: string; channel: string; at: Date; state: "queued" | "sending" | "sent" },
): Promise<void> {
  const { seq } = await db
    .selectFrom("messages")
    .select("seq")
    .where("id", "=", messageId)
    .executeTakeFirstOrThrow();
  await db
    .insertInto("deliveries")
    .values({
      message_id: messageId,
      conversation_id: conversationId,
      channel,
      seq: Number(seq),
      state,
      queued_at: at.toISOString(),
      ended_at: state === "sent" ? at.toISOString() : null,
    })
    .execute();
}

export async function insertFile(
  db: Kysely<Tables>,
  id: string,
  { conversationId, messageId, at }: { conversationId: string; messageId?: string; at: Date },
): Promise<void> {
  await db
    .insertInto("attachments")
    .values({
      id,
      message_id: messageId ?? null,
      conversation_id: conversationId,
      ordinal: 0,
      kind: "photo",
      state: "stored",
      name: "工资条.jpg",
      size: 3,
      hash: "00",
      received_at: at.toISOString(),
    })
    .execute();
}

/** Every table with something in it, and how many rows. */
export async function filledTables(db: Kysely<Tables>): Promise<Record<string, number>> {
  const tables = await db.introspection.getTables();
  const counted = await Promise.all(
    tables.map(async ({ name }) => {
      const { count } = await db
        .selectFrom(name as keyof Tables)
        .select(({ fn }) => fn.countAll<string>().as("count"))
        .executeTakeFirstOrThrow();
      return [name, Number(count)] as const;
    }),
  );
  return Object.fromEntries(counted.filter(([, count]) => count > 0));
}
