import type { InboundMessage, Rating, StoredMessage } from "./message.ts";
import type { TurnResult } from "./turn-handler.ts";

export interface Conversation {
  readonly id: string;
  readonly contactId: string;
  readonly channel: string;
}

/** The store of conversations. Implemented in `storage/`; one contract suite runs on every database. */
export interface ConversationStore {
  /** Opens a conversation with a new contact. */
  open(channel: string): Promise<Conversation>;
  find(conversationId: string): Promise<Conversation | undefined>;
  /** Stores a message once; a second one with the same external id returns the first, `duplicate: true`. */
  receive(message: InboundMessage): Promise<{ message: StoredMessage; duplicate: boolean }>;
  /** Contact messages whose turn has not ended, oldest first, over all conversations. */
  unanswered(limit: number): Promise<StoredMessage[]>;
  /** The last `limit` messages before `beforeSeq`, oldest first. */
  history(conversationId: string, beforeSeq: number, limit: number): Promise<StoredMessage[]>;
  /** Messages with `seq > afterSeq`, oldest first. */
  messagesAfter(conversationId: string, afterSeq: number, limit: number): Promise<StoredMessage[]>;
  /**
   * Ends the turn of one contact message: replies and hand-over request are stored together with the mark that
   * it is answered, or not at all. A turn that has ended already stores nothing and returns what stands.
   */
  finishTurn(messageId: string, result: TurnResult): Promise<StoredMessage[]>;
  /** Rates a reply of this conversation; false where there is no such reply. */
  rate(conversationId: string, messageId: string, rating: Rating): Promise<boolean>;
}

/** Tokens of web visitors. Only a hash of a token is stored. */
export interface VisitorStore {
  save(tokenHash: string, conversationId: string): Promise<void>;
  conversationOf(tokenHash: string): Promise<string | undefined>;
}
