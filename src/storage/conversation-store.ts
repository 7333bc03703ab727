import { type Kysely, sql } from "kysely";
import { AppError } from "../errors.ts";
import type { Conversation, ConversationStore } from "../messaging/conversation-store.ts";
import type { InboundMessage, OutboundMessage, Rating, StoredMessage } from "../messaging/message.ts";
import type { HandOverRequest, TurnResult } from "../messaging/turn-handler.ts";
import { toMessage } from "./message-rows.ts";
import { jsonText } from "./storable-text.ts";
import type { Tables } from "./tables.ts";

/**
 * The `Database.listen` channel that hears, after the commit, the id of every conversation that got a message:
 * what wakes other replicas.
 */
export const conversationChanged = "conversation_changed";

/**
 * Conversations and their messages in SQL. Every writer of a conversation's messages holds its row until the
 * commit, so that within one conversation a smaller `seq` never becomes visible after a larger one: a reader
 * with a cursor misses nothing.
 */
export class SqlConversationStore implements ConversationStore {
  readonly #db: Kysely<Tables>;
  readonly #newId: () => string;
  readonly #now: () => Date;

  constructor({ db, newId, now }: { db: Kysely<Tables>; newId: () => string; now: () => Date }) {
    this.#db = db;
    this.#newId = newId;
    this.#now = now;
  }

  async open(channel: string): Promise<Conversation> {
    const conversation = { id: this.#newId(), contactId: this.#newId(), channel };
    const created_at = this.#time();
    await this.#db.transaction().execute(async (tx) => {
      await tx.insertInto("contacts").values({ id: conversation.contactId, created_at }).execute();
      await tx
        .insertInto("conversations")
        .values({ id: conversation.id, contact_id: conversation.contactId, channel, created_at })
        .execute();
    });
    return conversation;
  }

  async find(conversationId: string): Promise<Conversation | undefined> {
    return this.#db
      .selectFrom("conversations")
      .select(["id", "contact_id as contactId", "channel"])
      .where("id", "=", conversationId)
      .executeTakeFirst();
  }

  /** Throws `channel.unknown_visitor` for a conversation that does not exist. */
  async receive(inbound: InboundMessage): Promise<{ message: StoredMessage; duplicate: boolean }> {
    return this.#db.transaction().execute(async (tx) => {
      await this.#lockConversation(tx, inbound.conversationId);
      const inserted = await tx
        .insertInto("messages")
        .values({
          id: this.#newId(),
          conversation_id: inbound.conversationId,
          external_id: inbound.externalId,
          sender: "contact",
          text: inbound.text,
          created_at: this.#time(),
        })
        .onConflict((conflict) => conflict.columns(["conversation_id", "external_id"]).doNothing())
        .returningAll()
        .executeTakeFirst();
      if (inserted !== undefined) {
        await notifyChanged(tx, inbound.conversationId);
        return { message: toMessage(inserted), duplicate: false };
      }
      const first = await tx
        .selectFrom("messages")
        .selectAll()
        .where("conversation_id", "=", inbound.conversationId)
        .where("external_id", "=", inbound.externalId)
        .executeTakeFirstOrThrow();
      return { message: toMessage(first), duplicate: true };
    });
  }

  async unanswered(limit: number): Promise<StoredMessage[]> {
    const rows = await this.#db
      .selectFrom("messages")
      .selectAll()
      .where("sender", "=", "contact")
      .where("answered_at", "is", null)
      .orderBy("seq")
      .limit(limit)
      .execute();
    return rows.map(toMessage);
  }

  async history(conversationId: string, beforeSeq: number, limit: number): Promise<StoredMessage[]> {
    const rows = await this.#db
      .selectFrom("messages")
      .selectAll()
      .where("conversation_id", "=", conversationId)
      .where("seq", "<", beforeSeq)
      .orderBy("seq", "desc")
      .limit(limit)
      .execute();
    return rows.map(toMessage).reverse();
  }

  async messagesAfter(conversationId: string, afterSeq: number, limit: number): Promise<StoredMessage[]> {
    const rows = await this.#db
      .selectFrom("messages")
      .selectAll()
      .where("conversation_id", "=", conversationId)
      .where("seq", ">", afterSeq)
      .orderBy("seq")
      .limit(limit)
      .execute();
    return rows.map(toMessage);
  }

  /** For a message that does not exist (any more), or is not a contact's, stores nothing and returns nothing. */
  async finishTurn(messageId: string, result: TurnResult): Promise<StoredMessage[]> {
    return this.#db.transaction().execute(async (tx) => {
      const message = await tx
        .selectFrom("messages")
        .innerJoin("conversations", "conversations.id", "messages.conversation_id")
        .select(["messages.conversation_id", "messages.answered_at"])
        .where("messages.id", "=", messageId)
        .where("messages.sender", "=", "contact")
        // Locks both rows: a second call waits here, then sees the mark of the first.
        .forUpdate()
        .executeTakeFirst();
      if (message === undefined) {
        return [];
      }
      if (message.answered_at === null) {
        await this.#storeTurn(tx, messageId, message.conversation_id, result);
      }
      const replies = await tx
        .selectFrom("messages")
        .selectAll()
        .where("reply_to", "=", messageId)
        .orderBy("seq")
        .execute();
      return replies.map(toMessage);
    });
  }

  async rate(conversationId: string, messageId: string, rating: Rating): Promise<boolean> {
    const rated = await this.#db
      .updateTable("messages")
      .set({ rating })
      .where("id", "=", messageId)
      .where("conversation_id", "=", conversationId)
      .where("reply_to", "is not", null)
      .returning("id")
      .executeTakeFirst();
    return rated !== undefined;
  }

  async #lockConversation(tx: Kysely<Tables>, conversationId: string): Promise<void> {
    const locked = await tx
      .selectFrom("conversations")
      .select("id")
      .where("id", "=", conversationId)
      .forUpdate()
      .executeTakeFirst();
    if (locked === undefined) {
      throw new AppError("channel.unknown_visitor", `Conversation ${conversationId} does not exist.`);
    }
  }

  async #storeTurn(
    tx: Kysely<Tables>,
    messageId: string,
    conversationId: string,
    result: TurnResult,
  ): Promise<void> {
    // One statement a reply: `seq` is certain to follow the order of the replies.
    for (const reply of result.replies) {
      await this.#insertReply(tx, messageId, conversationId, reply);
    }
    if (result.handOver !== undefined) {
      await this.#insertHandOver(tx, messageId, conversationId, result.handOver);
    }
    await tx.updateTable("messages").set({ answered_at: this.#time() }).where("id", "=", messageId).execute();
    await notifyChanged(tx, conversationId);
  }

  async #insertReply(
    tx: Kysely<Tables>,
    messageId: string,
    conversationId: string,
    reply: OutboundMessage,
  ): Promise<void> {
    await tx
      .insertInto("messages")
      .values({
        id: this.#newId(),
        conversation_id: conversationId,
        sender: reply.sender,
        text: reply.text,
        answer: reply.answer === undefined ? null : jsonText(reply.answer),
        reply_to: messageId,
        created_at: this.#time(),
      })
      .execute();
  }

  async #insertHandOver(
    tx: Kysely<Tables>,
    messageId: string,
    conversationId: string,
    request: HandOverRequest,
  ): Promise<void> {
    await tx
      .insertInto("hand_over_requests")
      .values({
        id: this.#newId(),
        conversation_id: conversationId,
        message_id: messageId,
        reasons: jsonText(request.reasons),
        created_at: this.#time(),
      })
      .execute();
  }

  #time(): string {
    return this.#now().toISOString();
  }
}

async function notifyChanged(tx: Kysely<Tables>, conversationId: string): Promise<void> {
  await sql`select pg_notify(${conversationChanged}, ${conversationId})`.execute(tx);
}
