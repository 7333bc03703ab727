import type { LaneStore } from "./lane-store.ts";
import { LaneWorker } from "./lane-worker.ts";
import type { RoadObserver } from "./road-observer.ts";
import { runTurn, type TurnParts } from "./run-turn.ts";

export interface TurnWorkerOptions extends Omit<TurnParts, "lanes" | "observer"> {
  readonly lanes: LaneStore;
  readonly owner: string;
  readonly observer: RoadObserver;
  /** Conversations that are answered side by side. Default 8. */
  readonly concurrency?: number;
  readonly leaseMs?: number;
  readonly pollMs?: number;
  readonly restMs?: number;
}

/** Milliseconds between counts of what waits while every place is taken. */
const countEvery = 1_000;

/**
 * Runs turns: one at a time and in order within a conversation, in this process and all others on the same database,
 * and several conversations side by side. The store is the truth; memory holds only what is worked on.
 */
export class TurnWorker {
  readonly #worker: LaneWorker;
  readonly #options: TurnWorkerOptions;
  #counting: NodeJS.Timeout | undefined;
  #waiting = 0;

  constructor(options: TurnWorkerOptions) {
    this.#options = options;
    const { lanes, owner, logger, observer, concurrency = 8, leaseMs, pollMs, restMs } = options;
    this.#worker = new LaneWorker({
      kind: "turn",
      lanes,
      owner,
      concurrency,
      logger,
      onLost: () => observer.leaseLost("turn"),
      work: async (claim, signal) => {
        const { again } = await runTurn(options, claim, signal);
        if (again !== undefined) this.#worker.wake(again);
      },
      ...(leaseMs === undefined ? {} : { leaseMs }),
      ...(pollMs === undefined ? {} : { pollMs }),
      ...(restMs === undefined ? {} : { restMs }),
    });
  }

  /** Conversations that wait for a place, as counted a moment ago. */
  get waiting(): number {
    return this.#waiting;
  }

  start(): void {
    this.#worker.start();
    this.#counting = setInterval(() => void this.#count(), countEvery);
  }

  /** A message was stored whose turn is due in `delayMs`. */
  wake(delayMs = 0): void {
    this.#worker.wake(delayMs);
  }

  /** Lets the turns at hand end for at most `deadlineMs`; what has not ended stays unanswered in the store. */
  async stop(deadlineMs: number): Promise<void> {
    clearInterval(this.#counting);
    await this.#worker.stop(deadlineMs);
  }

  async #count(): Promise<void> {
    try {
      this.#waiting = this.#worker.saturated ? await this.#options.lanes.countDue("turn") : 0;
      this.#options.observer.waitingTurns(this.#waiting);
    } catch {
      // The database is away: the claims say so.
    }
  }
}
