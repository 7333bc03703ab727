import { setTimeout as sleep } from "node:timers/promises";
import type { ConversationEvents } from "./conversation-events.ts";
import type { ConversationStore } from "./conversation-store.ts";
import type { StoredMessage } from "./message.ts";
import type { TurnHandler, TurnProgress } from "./turn-handler.ts";

/** Figures of turns, for the metrics. */
export interface TurnObserver {
  turnEnded(turn: { state: string; handOver: string; seconds: number }): void;
  turnFailed(): void;
}

/** The part of the service's logger that turns need. */
export interface TurnLogger {
  info(details: Readonly<Record<string, unknown>>, message: string): void;
  error(details: Readonly<Record<string, unknown>>, message: string): void;
}

export interface TurnParts {
  readonly conversations: Pick<ConversationStore, "unanswered" | "history" | "messagesAfter" | "finishTurn">;
  readonly handler: TurnHandler;
  readonly events: ConversationEvents;
  /** The system's reply to a message whose turn failed twice. */
  readonly apology: string;
  readonly logger: TurnLogger;
  readonly observer: TurnObserver;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** An attempt that takes longer, in milliseconds, counts as failed. Default 45 000. */
  readonly turnTimeoutMs?: number;
  /** Milliseconds before the second attempt. Default 250. */
  readonly retryDelayMs?: number;
}

/** Earlier messages that a turn is given. */
const historyLength = 20;

/**
 * Runs the turn of one contact message to its stored end: two attempts, then the apology. Rejects when the signal
 * aborts or when not even the apology can be stored; the message is unanswered then.
 */
export async function runTurn(parts: TurnParts, message: StoredMessage, signal: AbortSignal): Promise<void> {
  const ids = { conversationId: message.conversationId, messageId: message.id };
  const started = parts.now();
  parts.events.publish(message.conversationId, { type: "typing", replyTo: message.id });
  const replies = await storedReplies(parts, message, signal);
  parts.events.publish(message.conversationId, { type: "message" });
  const seconds = (parts.now() - started) / 1_000;
  const { state = "none", handOver = "none" } =
    replies.find(({ answer }) => answer !== undefined)?.answer ?? {};
  parts.observer.turnEnded({ state, handOver, seconds });
  parts.logger.info({ ...ids, state, handOver, ms: Math.round(seconds * 1_000) }, "a turn ended");
}

async function storedReplies(
  parts: TurnParts,
  message: StoredMessage,
  signal: AbortSignal,
): Promise<StoredMessage[]> {
  for (const attempt of [1, 2]) {
    try {
      return await attemptTurn(parts, message, signal);
    } catch (err) {
      signal.throwIfAborted();
      parts.observer.turnFailed();
      const { conversationId, id: messageId } = message;
      parts.logger.error({ err, conversationId, messageId, attempt }, "a turn failed");
    }
    if (attempt === 1) {
      await sleep(parts.retryDelayMs ?? 250, undefined, { signal });
    }
  }
  return parts.conversations.finishTurn(message.id, { replies: [{ sender: "system", text: parts.apology }] });
}

async function attemptTurn(
  parts: TurnParts,
  message: StoredMessage,
  signal: AbortSignal,
): Promise<StoredMessage[]> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(parts.turnTimeoutMs ?? 45_000)]);
  const history = await historyOf(parts, message);
  const progress = new AttemptProgress(parts.events, message);
  try {
    const result = await untilAborted(parts.handler.handle({ message, history }, progress, limit), limit);
    return await parts.conversations.finishTurn(message.id, result);
  } finally {
    progress.end();
  }
}

/**
 * What was said before, oldest first. In a burst the replies to earlier messages are stored after this one: they
 * belong to its past, the contact's later messages do not.
 */
async function historyOf({ conversations }: TurnParts, message: StoredMessage): Promise<StoredMessage[]> {
  const { conversationId, seq } = message;
  const before = await conversations.history(conversationId, seq, historyLength);
  const after = await conversations.messagesAfter(conversationId, seq, 2 * historyLength);
  const replies = after.filter(({ sender }) => sender !== "contact");
  return [...before, ...replies].slice(-historyLength);
}

/** Shows previews of one attempt; what a handler says after its attempt ended is dropped. */
class AttemptProgress implements TurnProgress {
  readonly #events: ConversationEvents;
  readonly #message: StoredMessage;
  #ended = false;

  constructor(events: ConversationEvents, message: StoredMessage) {
    this.#events = events;
    this.#message = message;
  }

  preview(text: string): void {
    if (!this.#ended) {
      this.#events.publish(this.#message.conversationId, {
        type: "preview",
        replyTo: this.#message.id,
        text,
      });
    }
  }

  end(): void {
    this.#ended = true;
  }
}

/** The promise, or the signal's reason as soon as it aborts: a handler that ignores its signal holds nobody up. */
async function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) {
    onAbort();
  }
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
