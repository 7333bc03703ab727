import type { OutboundMessage, StoredMessage } from "./message.ts";

/** A person was asked for or is needed: recorded with the turn that found it. */
export interface HandOverRequest {
  readonly reasons: readonly string[];
}

/** Everything that a finished turn leaves behind; it is stored in one transaction. */
export interface TurnResult {
  readonly replies: readonly OutboundMessage[];
  readonly handOver?: HandOverRequest;
}

/** What a turn may show before it ends. A preview is never stored and is replaced by the reply. */
export interface TurnProgress {
  preview(text: string): void;
}

export interface TurnInput {
  readonly message: StoredMessage;
  /** Earlier messages of the conversation, oldest first. */
  readonly history: readonly StoredMessage[];
}

/** The one port through which messaging reaches the rest of the product. */
export interface TurnHandler {
  handle(input: TurnInput, progress: TurnProgress, signal: AbortSignal): Promise<TurnResult>;
}
