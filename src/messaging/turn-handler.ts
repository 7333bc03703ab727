import type { Conversation } from "./conversation.ts";
import type { OutboundMessage, StoredMessage } from "./message.ts";

/** A person was asked for or is needed: recorded with the turn that found it. */
export interface HandOverRequest {
  readonly reasons: readonly string[];
}

/** Everything that a finished turn leaves behind; it is stored in one transaction. */
export interface TurnResult {
  readonly replies: readonly OutboundMessage[];
  readonly handOver?: HandOverRequest;
  /**
   * The contact asked to be forgotten: messages, files and platform ids are deleted in the same transaction, and
   * the replies are the receipt. What is needed to hand the receipt over goes when it was handed over.
   */
  readonly forget?: true;
  /** The replies carry the notice about machine answers and personal data: it is not given again here. */
  readonly noticeGiven?: true;
  /** The messages could not be answered: they are shown to the admin, with this reason. */
  readonly setAside?: string;
}

/** What a turn may show before it ends. A preview is never stored and is replaced by the reply. */
export interface TurnProgress {
  preview(text: string): void;
}

export interface TurnInput {
  readonly conversation: Conversation;
  /** What waits for a reply: one message, or a burst of one contact, oldest first. Never empty. */
  readonly messages: readonly StoredMessage[];
  /** Earlier messages of the conversation, oldest first. */
  readonly history: readonly StoredMessage[];
}

/** The one port through which messaging reaches the rest of the product. */
export interface TurnHandler {
  handle(input: TurnInput, progress: TurnProgress, signal: AbortSignal): Promise<TurnResult>;
}
