import type { Database } from "../../src/storage/database.ts";

export interface SampleConversation {
  readonly id: string;
  readonly channel?: string;
  readonly origin?: string;
  readonly surface?: "private" | "group";
  readonly unreachable?: string;
  readonly createdAt?: string;
}

/** A conversation as rows, without a channel behind it. */
export async function insertConversation(
  { db }: Pick<Database, "db">,
  {
    id,
    channel = "web",
    origin,
    surface,
    unreachable,
    createdAt = "2026-11-21T08:00:00.000Z",
  }: SampleConversation,
): Promise<void> {
  await db
    .insertInto("contacts")
    .values({ id: `contact-of-${id}`, created_at: createdAt })
    .execute();
  await db
    .insertInto("conversations")
    .values({
      id,
      contact_id: `contact-of-${id}`,
      channel,
      created_at: createdAt,
      ...(origin === undefined ? {} : { origin }),
      ...(surface === undefined ? {} : { surface }),
      ...(unreachable === undefined ? {} : { unreachable }),
    })
    .execute();
  // What every writer of its messages holds.
  await db.insertInto("lanes").values({ kind: "turn", key: id }).execute();
}

/** A contact's message as a row; resolves to its `seq`. */
export async function insertMessage(
  { db }: Pick<Database, "db">,
  conversationId: string,
  id: string,
  createdAt = "2026-11-21T08:00:01.000Z",
): Promise<number> {
  const { seq } = await db
    .insertInto("messages")
    .values({
      id,
      conversation_id: conversationId,
      sender: "contact",
      text: "工资没发",
      created_at: createdAt,
    })
    .returning("seq")
    .executeTakeFirstOrThrow();
  return Number(seq);
}
