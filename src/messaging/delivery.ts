import type { LaneClaim } from "./lane-store.ts";
import type { StoredMessage } from "./message.ts";
import type { PlatformAddress } from "./platform-event.ts";

/**
 * The ledger of a message that goes out. `sending` with no process behind it and `unknown` both mean that the
 * platform may have it: `sending` is tried again, marked as a repeat; `unknown` is the end.
 */
export const deliveryStates = ["queued", "sending", "sent", "failed", "dropped", "unknown"] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** One message on its way out, as its sender sees it. */
export interface Delivery {
  readonly message: StoredMessage;
  readonly state: "queued" | "sending";
  /** Sends begun so far, over all parts. */
  readonly attempts: number;
  /** How many times the platform left it open whether it has the next part. */
  readonly unknowns: number;
  /** Parts that the platform has. */
  readonly partsSent: number;
  /** Milliseconds since it was queued. */
  readonly age: number;
}

/** Everything that waits in one lane, in the order in which it goes out. */
export interface OutboxWork {
  readonly address: PlatformAddress;
  readonly deliveries: readonly Delivery[];
  /** The contact asked to be forgotten: the address goes with the last of these. */
  readonly farewell: boolean;
}

export interface OutboxStore {
  /** What waits in a claimed lane; undefined where the contact cannot be reached any more. */
  load(claim: LaneClaim, limit: number): Promise<OutboxWork | undefined>;
  addressOf(conversationId: string): Promise<PlatformAddress | undefined>;
  /** Before the platform is called. False where the claim was lost or the message is gone: nothing may be sent. */
  begin(claim: LaneClaim, messageId: string): Promise<boolean>;
  /**
   * The platform has one part: recorded once, also where the claim was lost meanwhile. `last`: the whole message is
   * `sent`.
   */
  partSent(claim: LaneClaim, messageId: string, part: SentPart): Promise<void>;
  /** The platform refused this send for now: `queued` again. */
  putBack(claim: LaneClaim, messageId: string, reason: string): Promise<void>;
  /** It is open whether the platform has it: stays `sending`, counted. */
  leftOpen(claim: LaneClaim, messageId: string, reason: string): Promise<void>;
  /** The end without success. */
  end(
    claim: LaneClaim,
    messageId: string,
    state: "failed" | "dropped" | "unknown",
    reason: string,
  ): Promise<void>;
  /** The contact cannot be reached: everything that waits is `dropped`, and new messages are until they write again. */
  unreachable(claim: LaneClaim, reason: string): Promise<void>;
  /** Deletes the address of a contact who asked to be forgotten, as soon as nothing waits any more. */
  eraseAddress(claim: LaneClaim): Promise<void>;
  /** What waits to be sent, by channel: conversations, and for how many milliseconds the oldest. */
  backlog(
    channels: readonly string[],
  ): Promise<Readonly<Record<string, { readonly waiting: number; readonly oldestMs: number }>>>;
}

export interface SentPart {
  /** From 0. */
  readonly index: number;
  readonly platformId?: string;
  readonly last: boolean;
  readonly repeat: boolean;
}

/** What a platform said to a send. */
export type SendOutcome =
  | { readonly state: "sent"; readonly platformId?: string }
  /** It has it not; try again after `afterMs`. `scope: channel`: nobody can be sent to until then. */
  | {
      readonly state: "retry";
      readonly reason: string;
      readonly afterMs?: number;
      readonly scope?: "contact" | "channel";
    }
  /** It will never take this message. */
  | { readonly state: "failed"; readonly reason: string }
  /** It will take no message for this contact. */
  | { readonly state: "unreachable"; readonly reason: string }
  /** No answer: it may have it. */
  | { readonly state: "unknown"; readonly reason: string };

/** How fast a platform may be sent to; absent: no limit. */
export interface SendLimits {
  readonly perSecond?: number;
  readonly perContactPerSecond?: number;
  readonly perGroupPerMinute?: number;
}

/** One call of the platform: text as the platform wants it. Made anew from the stored message at each try. */
export interface OutgoingPart {
  readonly text: string;
  /** Only on the last part. */
  readonly quickReplies?: readonly string[];
}

/** What the sender knows of the circumstances and a channel must put into words of its own. */
export interface SendMarks {
  /** The platform may have it already: the contact must see that it is the same message again. */
  readonly repeat: boolean;
  /** It waited long because the channel was down. */
  readonly late: boolean;
}

/** The way out of a channel to which messages are pushed. Implemented by `channels/*`. */
export interface ChannelSender {
  readonly channel: string;
  readonly limits: SendLimits;
  /** What the limits of one contact count by, such as the chat. Default: the conversation. */
  limitKey?(address: PlatformAddress): string;
  /** The same message gives the same parts every time. */
  partsOf(message: StoredMessage): readonly OutgoingPart[];
  /** Hands over one part. A rejection counts as `unknown`. */
  send(
    address: PlatformAddress,
    part: OutgoingPart,
    marks: SendMarks,
    signal: AbortSignal,
  ): Promise<SendOutcome>;
  /** Shows that a reply is being made. Failures do not matter. */
  typing?(address: PlatformAddress, signal: AbortSignal): Promise<void>;
  /** Shows the reply so far, outside of the ledger. Failures do not matter. */
  preview?(address: PlatformAddress, replyTo: string, text: string, signal: AbortSignal): Promise<void>;
}
