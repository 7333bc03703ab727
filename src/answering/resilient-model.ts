import {
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  DelegateBackoff,
  handleType,
  handleWhen,
  retry,
  TimeoutStrategy,
  timeout,
} from "cockatiel";
import { AppError } from "../errors.ts";
import type { LanguageModel, ModelPrompt } from "./language-model.ts";

export interface ResilientModelOptions {
  /** Milliseconds for a reply with everything in it, a retry too. Default 12,000. */
  readonly timeoutMs?: number;
  /** Failed replies in a row after which the model is left alone. Default 3. */
  readonly failuresToOpen?: number;
  /** Milliseconds for which it is left alone; then one reply tries it. Default 30,000. */
  readonly openMs?: number;
  /** Milliseconds, only ever compared with each other. */
  readonly now: () => number;
}

/** Takes the text of the reply so far; false ends the reply. Shorter than before when a retry starts anew. */
export type TextReader = (textSoFar: string) => boolean;

/** Share of the time limit in which the first piece must have come. */
const firstPieceShare = 1 / 2;
/** Share of the time limit after which a failed attempt is not repeated: too little would be left. */
const retryShare = 1 / 3;
const retryDelayMs = 200;

/**
 * A model that may be slow, limited, broken or away: within the time limit there is a reply or the error
 * `model.unavailable`, at once while the model is known to be away. An abort of the caller's signal rejects with
 * its reason and says nothing about the model.
 */
export class ResilientModel {
  readonly name: string;
  readonly #model: LanguageModel;
  readonly #timeoutMs: number;
  readonly #now: () => number;
  readonly #breaker;

  constructor(model: LanguageModel, options: ResilientModelOptions) {
    this.name = model.name;
    this.#model = model;
    this.#timeoutMs = options.timeoutMs ?? 12_000;
    this.#now = options.now;
    this.#breaker = circuitBreaker(
      handleType(AppError, ({ code }) => code === "model.unavailable"),
      {
        breaker: new ConsecutiveBreaker(options.failuresToOpen ?? 3),
        halfOpenAfter: options.openMs ?? 30_000,
      },
    );
  }

  /** Whether the model is left alone at the moment because it failed too often. */
  get isAway(): boolean {
    return this.#breaker.state === CircuitState.Open;
  }

  /** The whole reply, or what there was of it when `read` ended it. */
  async complete(prompt: ModelPrompt, read: TextReader, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    // Otherwise these calls would wait for the one that tries the model.
    if (this.#breaker.state === CircuitState.HalfOpen) throw unavailable("is being tried again", undefined);
    try {
      return await this.#breaker.execute(() => this.#withinTime(prompt, read, signal));
    } catch (cause) {
      signal.throwIfAborted();
      throw cause instanceof AppError ? cause : unavailable("is left alone after failures in a row", cause);
    }
  }

  async #withinTime(prompt: ModelPrompt, read: TextReader, signal: AbortSignal): Promise<string> {
    const started = this.#now();
    const mayRetry = (error: unknown) =>
      this.#now() - started <= this.#timeoutMs * retryShare &&
      delayOf(error) <= this.#timeoutMs * retryShare &&
      isPassing(error);
    const once = retry(handleWhen(mayRetry), {
      maxAttempts: 1,
      backoff: new DelegateBackoff(({ result }) => delayOf("error" in result ? result.error : undefined)),
    });
    const limit = timeout(this.#timeoutMs, TimeoutStrategy.Aggressive);
    try {
      return await limit.execute(
        ({ signal: left }) => once.execute(() => this.#attempt(prompt, read, left), left),
        signal,
      );
    } catch (cause) {
      if (!signal.aborted)
        throw cause instanceof AppError ? cause : unavailable("did not answer in time", cause);
      // While the model is being tried, a cancelled turn has shown nothing: it stays left alone.
      if (this.#breaker.state === CircuitState.HalfOpen) throw unavailable("could not be tried", cause);
      throw signal.reason;
    }
  }

  async #attempt(prompt: ModelPrompt, read: TextReader, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    const pieces = this.#model.stream(prompt, signal)[Symbol.asyncIterator]();
    const firstPiece = timeout(this.#timeoutMs * firstPieceShare, TimeoutStrategy.Aggressive);
    try {
      let text = "";
      read(text);
      let piece = await firstPiece.execute(() => pieces.next(), signal);
      while (piece.done !== true) {
        signal.throwIfAborted();
        text += piece.value;
        if (!read(text)) break;
        piece = await pieces.next();
      }
      return text;
    } finally {
      // The reply is over either way; what closing a broken connection says is of no use.
      pieces.return?.().catch(() => undefined);
    }
  }
}

/** Failures that may be over in a moment: no answer, a limit, a fault of the server; not a wrong key or model. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof AppError)) return false;
  const { status } = error.details;
  return typeof status !== "number" || status === 408 || status === 429 || status >= 500;
}

function delayOf(error: unknown): number {
  const asked = error instanceof AppError ? error.details.retryAfterMs : undefined;
  return typeof asked === "number" ? Math.max(asked, retryDelayMs) : retryDelayMs;
}

function unavailable(what: string, cause: unknown): AppError {
  return new AppError(
    "model.unavailable",
    `The language model ${what}`,
    cause === undefined ? {} : { cause },
  );
}
