import { type Kysely, sql } from "kysely";
import { AppError } from "../errors.ts";
import type { Conversation } from "../messaging/conversation.ts";
import type {
  ConversationStore,
  FinishedTurn,
  NewConversation,
  Received,
  ReceivedEvent,
  TurnWork,
} from "../messaging/conversation-store.ts";
import type { LaneClaim } from "../messaging/lane-store.ts";
import type { InboundMessage, OutboundMessage, Rating, StoredMessage } from "../messaging/message.ts";
import type { PlatformEvent } from "../messaging/platform-event.ts";
import type { TurnResult } from "../messaging/turn-handler.ts";
import { findAddress, openConversation } from "./address-queries.ts";
import { eraseAddress } from "./forget.ts";
import { receiveEvents, receiveMessage } from "./inbound-queries.ts";
import { isAttached, toMessages } from "./message-rows.ts";
import type { Sealer } from "./sealer.ts";
import type { Tables } from "./tables.ts";
import { findConversation, finishTurn, loadTurn, postMessages, type WriteOptions } from "./turn-queries.ts";

export interface SqlConversationStoreOptions extends Omit<WriteOptions, "webhooks"> {
  readonly db: Kysely<Tables>;
  readonly sealer: Sealer;
  /** Whether outgoing webhooks are written. Default: they are not. */
  readonly webhooks?: () => boolean;
}

/** Conversations and their messages in SQL: every method is one statement or one transaction. */
export class SqlConversationStore implements ConversationStore {
  readonly #db: Kysely<Tables>;
  readonly #options: WriteOptions & { readonly sealer: Sealer };

  constructor({ db, webhooks = () => false, ...options }: SqlConversationStoreOptions) {
    this.#db = db;
    this.#options = { ...options, webhooks };
  }

  async open(channel: string, details: NewConversation = {}): Promise<Conversation> {
    const { address } = details;
    if (address !== undefined) {
      const id = await findAddress(this.#db, channel, address, this.#options.sealer);
      const known = id === undefined ? undefined : await this.find(id);
      if (known !== undefined) return known;
    }
    return this.#db.transaction().execute((tx) => openConversation(tx, channel, details, this.#options));
  }

  find(conversationId: string): Promise<Conversation | undefined> {
    return findConversation(this.#db, conversationId);
  }

  /** Throws `channel.unknown_visitor` for a conversation that does not exist. */
  receive(message: InboundMessage, burstMs: number): Promise<Received> {
    return receiveMessage(this.#db, message, burstMs, this.#options);
  }

  receiveEvents(
    channel: string,
    events: readonly PlatformEvent[],
    burstMs: number,
  ): Promise<ReceivedEvent[]> {
    return receiveEvents(this.#db, channel, events, burstMs, this.#options);
  }

  loadTurn(claim: LaneClaim, mostMessages: number, historyLength: number): Promise<TurnWork | undefined> {
    return loadTurn(this.#db, claim.key, mostMessages, historyLength);
  }

  async messagesAfter(conversationId: string, afterSeq: number, limit: number): Promise<StoredMessage[]> {
    const rows = await this.#db
      .selectFrom("messages")
      .selectAll()
      .select(isAttached.as("attached"))
      .where("conversation_id", "=", conversationId)
      .where("seq", ">", afterSeq)
      .orderBy("seq")
      .limit(limit)
      .execute();
    return toMessages(this.#db, rows);
  }

  finishTurn(
    claim: LaneClaim,
    work: Pick<TurnWork, "messages" | "more">,
    result: TurnResult,
  ): Promise<FinishedTurn | undefined> {
    return finishTurn(this.#db, claim, work, result, this.#options);
  }

  /** Throws `channel.unknown_visitor` for a conversation that does not exist. */
  async post(conversationId: string, messages: readonly OutboundMessage[]): Promise<StoredMessage[]> {
    const posted = await postMessages(this.#db, conversationId, messages, this.#options);
    if (posted === undefined)
      throw new AppError("channel.unknown_visitor", `Conversation ${conversationId} does not exist.`);
    return posted;
  }

  async tellBusy(conversationId: string, message: OutboundMessage): Promise<boolean> {
    const told = await this.#db
      .updateTable("conversations")
      .set({ busy_told_at: this.#options.now().toISOString() })
      .where("id", "=", conversationId)
      .where("busy_told_at", "is", null)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom("messages")
              .select("messages.id")
              .where("messages.conversation_id", "=", conversationId)
              .where("messages.sender", "<>", "contact"),
          ),
        ),
      )
      .returning("id")
      .executeTakeFirst();
    if (told === undefined) return false;
    await this.post(conversationId, [message]);
    return true;
  }

  async pendingMessage(conversationId: string): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom("messages")
      .select("id")
      .where("conversation_id", "=", conversationId)
      .where("sender", "=", "contact")
      .where("answered_at", "is", null)
      .orderBy("seq")
      .limit(1)
      .executeTakeFirst();
    return row?.id;
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

  async acknowledge(conversationId: string, seq: number): Promise<void> {
    const now = this.#options.now();
    const { rows } = await sql<{ forgotten: boolean }>`
      with sent as (
        update deliveries set state = 'sent', ended_at = ${now.toISOString()}::timestamptz
        where conversation_id = ${conversationId} and seq <= ${seq} and state in ('queued', 'sending') returning 1
      )
      select exists (
        select from addresses where conversation_id = ${conversationId} and erase_after is not null
      ) as forgotten from sent limit 1`.execute(this.#db);
    // It was the receipt of a contact who asked to be forgotten: the last that is said here.
    if (rows[0]?.forgotten === true) await eraseAddress(this.#db, conversationId, now);
  }
}
