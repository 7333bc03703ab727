import type { StoredMessage } from "./message.ts";
import { runTurn, type TurnParts } from "./run-turn.ts";

export interface TurnQueueOptions extends TurnParts {
  /** Conversations that are answered side by side. Default 8. */
  readonly concurrency?: number;
  /** Milliseconds until a message is tried again whose end could not be stored; doubled up to 64 times. Default 5 000. */
  readonly restMs?: number;
}

/** The turns of one conversation: the first message is the one that runs or is next. */
interface Lane {
  readonly conversationId: string;
  readonly messages: StoredMessage[];
  running: boolean;
  rests: number;
  restTimer?: NodeJS.Timeout;
}

const recoveryBatch = 500;

/**
 * Runs turns in this process: one at a time and in order within a conversation, several conversations side by
 * side. The store is the truth: whatever happens here, a message without a finished turn is found again by
 * `recover`.
 */
export class TurnQueue {
  readonly #parts: TurnParts;
  readonly #concurrency: number;
  readonly #restMs: number;
  readonly #lanes = new Map<string, Lane>();
  readonly #ready: Lane[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #stopped = new AbortController();
  #accepting = true;

  constructor({ concurrency = 8, restMs = 5_000, ...parts }: TurnQueueOptions) {
    this.#parts = parts;
    this.#concurrency = concurrency;
    this.#restMs = restMs;
  }

  /** Takes a stored contact message. Taking it twice changes nothing; after `stop` it is left for the next start. */
  submit(message: StoredMessage): void {
    if (!this.#accepting) {
      return;
    }
    const lane = this.#laneOf(message.conversationId);
    if (lane.messages.some(({ id }) => id === message.id)) {
      return;
    }
    // Messages found again at the start may be older than one that has just come in.
    const first = lane.running ? 1 : 0;
    const later = lane.messages.findIndex(({ seq }, index) => index >= first && seq > message.seq);
    lane.messages.splice(later === -1 ? lane.messages.length : later, 0, message);
    if (lane.messages.length === 1) {
      this.#makeReady(lane);
    }
  }

  /** Takes every message of the store whose turn has not ended. Resolves to their number. */
  async recover(): Promise<number> {
    for (let limit = recoveryBatch; ; limit *= 2) {
      const messages = await this.#parts.conversations.unanswered(limit);
      for (const message of messages) {
        this.submit(message);
      }
      if (messages.length < limit) {
        return messages.length;
      }
    }
  }

  /** The oldest message of the conversation whose turn has not ended. */
  pendingMessage(conversationId: string): string | undefined {
    return this.#lanes.get(conversationId)?.messages[0]?.id;
  }

  /**
   * Takes no more messages, lets the turns at hand end for at most `deadlineMs` milliseconds, then aborts what
   * still runs. What has not ended stays unanswered in the store.
   */
  async stop(deadlineMs: number): Promise<void> {
    this.#accepting = false;
    const { promise: deadline, resolve } = Promise.withResolvers<"late">();
    const timer = setTimeout(resolve, deadlineMs, "late");
    while (this.#running.size > 0) {
      const first = await Promise.race([...this.#running, deadline]);
      if (first === "late") {
        break;
      }
    }
    clearTimeout(timer);
    this.#stopped.abort(new Error("The service stops."));
    for (const { restTimer } of this.#lanes.values()) {
      clearTimeout(restTimer);
    }
    await Promise.all(this.#running);
  }

  #laneOf(conversationId: string): Lane {
    const lane = this.#lanes.get(conversationId) ?? {
      conversationId,
      messages: [],
      running: false,
      rests: 0,
    };
    this.#lanes.set(conversationId, lane);
    return lane;
  }

  #makeReady(lane: Lane): void {
    this.#ready.push(lane);
    this.#startReady();
  }

  #startReady(): void {
    while (this.#running.size < this.#concurrency && !this.#stopped.signal.aborted) {
      const lane = this.#ready.shift();
      const message = lane?.messages[0];
      if (lane === undefined || message === undefined) {
        return;
      }
      lane.running = true;
      const turn = this.#run(lane, message).finally(() => {
        this.#running.delete(turn);
        this.#startReady();
      });
      this.#running.add(turn);
    }
  }

  async #run(lane: Lane, message: StoredMessage): Promise<void> {
    try {
      await runTurn(this.#parts, message, this.#stopped.signal);
    } catch (err) {
      lane.running = false;
      if (!this.#stopped.signal.aborted) {
        const { conversationId, id: messageId } = message;
        this.#parts.logger.error({ err, conversationId, messageId }, "the end of a turn could not be stored");
        this.#rest(lane);
      }
      return;
    }
    lane.running = false;
    lane.rests = 0;
    lane.messages.shift();
    if (lane.messages.length > 0) {
      this.#ready.push(lane);
    } else {
      this.#lanes.delete(lane.conversationId);
    }
  }

  /** Tries the lane again later, with its order kept; the other conversations go on. */
  #rest(lane: Lane): void {
    const delay = this.#restMs * 2 ** Math.min(lane.rests, 6);
    lane.rests += 1;
    lane.restTimer = setTimeout(() => this.#makeReady(lane), delay);
  }
}
