import type { ChannelHealth } from "../messaging/channel-health.ts";
import type { ChannelSender } from "../messaging/delivery.ts";
import type { AttachmentKind } from "../messaging/message.ts";

/** What a platform can do; the contract suite asserts each, or the polite refusal. */
export interface ChannelCapabilities {
  /** Longest text of one send, in the platform's own units; longer ones are split at sentence ends. */
  readonly longestText: number;
  /** How sources are shown: as links in the text, as a list under it, or by the page itself. */
  readonly sources: "links" | "footnotes" | "page";
  readonly quickReplies: "buttons" | "numbers";
  /** What is received and kept; anything else gets a polite line. */
  readonly receives: readonly AttachmentKind[];
  readonly edits: boolean;
  readonly deletions: boolean;
  readonly groups: boolean;
  readonly typing: boolean;
  readonly previews: boolean;
  /** Whether the other end confirms by message id, so that nothing is ever sent twice. */
  readonly confirms: boolean;
}

/** A way in and out. Every channel has the same shape; `app` starts, stops and watches them. */
export interface Channel {
  readonly name: string;
  readonly capabilities: ChannelCapabilities;
  /** The way out to a platform; absent where contacts fetch what was said. */
  readonly sender?: ChannelSender;
  /** Whether one process at a time must hold it: it is started only there. */
  readonly exclusive: boolean;
  /** Begins to receive. Resolves at once; what it waits for is seen in `health`. */
  start(): Promise<void>;
  /** Receives nothing more; what was received is stored. */
  stop(): Promise<void>;
  health(): ChannelHealth;
  /** The bytes of an attachment that this channel announced. Rejects with `files.gone` where they are no more. */
  fetchFile?(reference: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}
