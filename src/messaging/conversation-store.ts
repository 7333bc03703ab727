import type { Conversation, Surface } from "./conversation.ts";
import type { LaneClaim } from "./lane-store.ts";
import type { InboundMessage, OutboundMessage, Rating, StoredMessage } from "./message.ts";
import type { PlatformAddress, PlatformEvent } from "./platform-event.ts";
import type { TurnResult } from "./turn-handler.ts";

/** What `open` may be told. */
export interface NewConversation {
  readonly surface?: Surface;
  readonly origin?: string;
  readonly address?: PlatformAddress;
}

export interface Received {
  readonly message: StoredMessage;
  readonly duplicate: boolean;
}

/** What became of one event of a platform. */
export interface ReceivedEvent {
  /** `ignored`: it is about a message or a contact that is not known here, or beyond what one contact may send. */
  readonly outcome: "stored" | "duplicate" | "applied" | "ignored";
  readonly conversationId?: string;
  /** Whether this event began the conversation. */
  readonly isNew: boolean;
}

/** What a turn works on. */
export interface TurnWork {
  readonly conversation: Conversation;
  /** Contact messages without a finished turn, oldest first, at most as many as were asked for. */
  readonly messages: readonly StoredMessage[];
  readonly history: readonly StoredMessage[];
  /** Whether more messages wait than were loaded. */
  readonly more: boolean;
}

/** What a turn left behind. */
export interface FinishedTurn {
  readonly replies: readonly StoredMessage[];
  /** Milliseconds until the next turn of the conversation is due; absent: nothing more waits. */
  readonly dueIn?: number;
}

/** The store of conversations. Implemented in `storage/`; one contract suite runs on every database. */
export interface ConversationStore {
  /** Opens a conversation with a new contact. With an address that is known already, finds that conversation. */
  open(channel: string, details?: NewConversation): Promise<Conversation>;
  find(conversationId: string): Promise<Conversation | undefined>;
  /**
   * Stores a message once and makes its turn due; a second one with the same external id returns the first,
   * `duplicate: true`. `burstMs`: the turn waits that long for more of the same contact, at most four times as
   * long in all.
   */
  receive(message: InboundMessage, burstMs: number): Promise<Received>;
  /** Stores what a platform delivered, in order and in one transaction: all of it or nothing. */
  receiveEvents(channel: string, events: readonly PlatformEvent[], burstMs: number): Promise<ReceivedEvent[]>;
  /** What the turn of a claimed lane works on; undefined where the conversation is gone. */
  loadTurn(claim: LaneClaim, mostMessages: number, historyLength: number): Promise<TurnWork | undefined>;
  /** Messages with `seq > afterSeq`, oldest first. */
  messagesAfter(conversationId: string, afterSeq: number, limit: number): Promise<StoredMessage[]>;
  /**
   * Ends a turn and gives its lane back: replies, ledger, hand-over request and the marks that the messages are
   * answered are stored together, or not at all. Undefined, and nothing stored, where the claim was lost.
   */
  finishTurn(
    claim: LaneClaim,
    work: Pick<TurnWork, "messages" | "more">,
    result: TurnResult,
  ): Promise<FinishedTurn | undefined>;
  /** Says something outside of a turn, through the same ledger. */
  post(conversationId: string, messages: readonly OutboundMessage[]): Promise<StoredMessage[]>;
  /** Says once to a contact who waits for a first reply that it takes longer; false where it was said or is not needed. */
  tellBusy(conversationId: string, message: OutboundMessage): Promise<boolean>;
  /** The id of the oldest contact message whose turn has not ended. */
  pendingMessage(conversationId: string): Promise<string | undefined>;
  /** Rates a reply of this conversation; false where there is no such reply. */
  rate(conversationId: string, messageId: string, rating: Rating): Promise<boolean>;
  /** The contact has everything up to this `seq`: what its channel fetched is `sent`. */
  acknowledge(conversationId: string, seq: number): Promise<void>;
}

/** Tokens of web visitors. Only a hash of a token is stored. */
export interface VisitorStore {
  save(tokenHash: string, conversationId: string): Promise<void>;
  conversationOf(tokenHash: string): Promise<string | undefined>;
}
