import type { ConversationEvents } from "./conversation-events.ts";
import type { ConversationStore, TurnWork } from "./conversation-store.ts";
import type { LaneClaim, LaneStore } from "./lane-store.ts";
import type { StoredMessage } from "./message.ts";
import type { Presence } from "./presence.ts";
import type { RoadLogger, RoadObserver } from "./road-observer.ts";
import type { TurnHandler, TurnProgress, TurnResult } from "./turn-handler.ts";
import { untilAborted } from "./until-aborted.ts";

export interface TurnParts {
  readonly conversations: Pick<ConversationStore, "loadTurn" | "finishTurn">;
  readonly lanes: Pick<LaneStore, "release">;
  readonly handler: TurnHandler;
  /** Fetches and reads what came with the messages. Default: they stay as they are. */
  readonly prepare?: (work: TurnWork, signal: AbortSignal) => Promise<readonly StoredMessage[]>;
  readonly events: ConversationEvents;
  readonly presence?: Presence;
  /** Told when a contact was forgotten: the files can go, too. */
  readonly onForgotten?: (() => void) | undefined;
  /** The system's reply to a message that is set aside. */
  readonly apology: () => string;
  readonly logger: RoadLogger;
  readonly observer: Pick<RoadObserver, "turnEnded" | "turnFailed" | "setAside" | "leaseLost">;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** An attempt that takes longer, in milliseconds, counts as failed. Default 45 000. */
  readonly turnTimeoutMs?: number;
  /** Milliseconds before the second attempt; four times as long before each further one. Default 250. */
  readonly retryDelayMs?: number;
  /** Attempts after which a turn that fails is set aside. Default 3. */
  readonly mostFailures?: number;
  /** Attempts, in all processes together, after which a turn that ends processes is not tried again. Default 6. */
  readonly mostAttempts?: number;
}

/** Messages of a burst that one turn reads; what is beyond gets a turn of its own. */
const mostMessages = 50;
/** Earlier messages that a turn is given. */
const historyLength = 20;

/** What became of one attempt: `again`: the lane was given back and is due once more in so many milliseconds. */
export type TurnOutcome = { readonly again?: number };

/**
 * Runs one turn of a claimed conversation to its stored end, or gives the lane back for another attempt. Attempts
 * whose process died count too: after the last one the messages are set aside and the contact gets an apology.
 * Rejects when the signal aborts or the database is away; the lane is due again by itself then.
 */
export async function runTurn(parts: TurnParts, claim: LaneClaim, signal: AbortSignal): Promise<TurnOutcome> {
  const work = await parts.conversations.loadTurn(claim, mostMessages, historyLength);
  const last = work?.messages.at(-1);
  if (work === undefined || last === undefined) {
    await parts.lanes.release(claim);
    return {};
  }
  if (claim.attempts > (parts.mostAttempts ?? 6)) return setAside(parts, claim, work, "crashed");
  const started = parts.now();
  parts.events.publish(claim.key, { type: "typing", replyTo: last.id });
  const typing = parts.presence?.typing(work.conversation, signal);
  let result: TurnResult;
  try {
    result = await attemptTurn(parts, work, last, signal);
  } catch (err) {
    signal.throwIfAborted();
    parts.observer.turnFailed();
    const ids = { conversationId: claim.key, messageId: last.id, attempt: claim.attempts };
    parts.logger.error({ err, ...ids }, "a turn failed");
    if (claim.attempts >= (parts.mostFailures ?? 3)) return setAside(parts, claim, work, "failed");
    const again = (parts.retryDelayMs ?? 250) * 4 ** (claim.attempts - 1);
    await parts.lanes.release(claim, { again });
    return { again };
  } finally {
    typing?.stop();
  }
  return finish(parts, claim, work, result, started);
}

async function finish(
  parts: TurnParts,
  claim: LaneClaim,
  work: TurnWork,
  result: TurnResult,
  started: number,
): Promise<TurnOutcome> {
  const finished = await parts.conversations.finishTurn(claim, work, result);
  if (finished === undefined) {
    parts.observer.leaseLost(claim.kind);
    parts.logger.warn({ conversationId: claim.key }, "a turn was dropped: its conversation was taken over");
    return {};
  }
  const { replies, dueIn } = finished;
  parts.events.publish(claim.key, { type: "message" });
  if (result.forget) parts.onForgotten?.();
  const seconds = (parts.now() - started) / 1_000;
  const { state = "none", handOver = "none" } =
    replies.find(({ answer }) => answer !== undefined)?.answer ?? {};
  parts.observer.turnEnded({ state, handOver, seconds });
  const details = { burst: work.messages.length, state, handOver, ms: Math.round(seconds * 1_000) };
  parts.logger.info({ conversationId: claim.key, ...details }, "a turn ended");
  return dueIn === undefined ? {} : { again: dueIn };
}

async function setAside(
  parts: TurnParts,
  claim: LaneClaim,
  work: TurnWork,
  reason: "crashed" | "failed",
): Promise<TurnOutcome> {
  const result: TurnResult = { replies: [{ sender: "system", text: parts.apology() }], setAside: reason };
  parts.observer.setAside(work.conversation.channel);
  parts.logger.error({ conversationId: claim.key, reason }, "messages were set aside: see `npm run admin`");
  return finish(parts, claim, work, result, parts.now());
}

async function attemptTurn(
  parts: TurnParts,
  work: TurnWork,
  last: StoredMessage,
  signal: AbortSignal,
): Promise<TurnResult> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(parts.turnTimeoutMs ?? 45_000)]);
  const progress = new AttemptProgress(parts, work, last, limit);
  const attempt = async () => {
    const messages = (await parts.prepare?.(work, limit)) ?? work.messages;
    const { conversation, history } = work;
    return parts.handler.handle({ conversation, messages, history }, progress, limit);
  };
  try {
    return await untilAborted(attempt(), limit);
  } finally {
    progress.end();
  }
}

/** Shows previews of one attempt; what a handler says after its attempt ended is dropped. */
class AttemptProgress implements TurnProgress {
  readonly #parts: Pick<TurnParts, "events" | "presence">;
  readonly #work: TurnWork;
  readonly #replyTo: string;
  readonly #signal: AbortSignal;
  #ended = false;

  constructor(
    parts: Pick<TurnParts, "events" | "presence">,
    work: TurnWork,
    last: StoredMessage,
    signal: AbortSignal,
  ) {
    this.#parts = parts;
    this.#work = work;
    this.#replyTo = last.id;
    this.#signal = signal;
  }

  preview(text: string): void {
    if (this.#ended) return;
    const { conversation } = this.#work;
    this.#parts.events.publish(conversation.id, { type: "preview", replyTo: this.#replyTo, text });
    this.#parts.presence?.preview(conversation, this.#replyTo, text, this.#signal);
  }

  end(): void {
    this.#ended = true;
  }
}
