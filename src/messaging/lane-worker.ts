import type { LaneClaim, LaneKind, LaneStore } from "./lane-store.ts";
import type { RoadLogger } from "./road-observer.ts";

export interface LaneWorkerOptions {
  readonly kind: LaneKind;
  readonly lanes: Pick<LaneStore, "claim" | "renew" | "release">;
  /** Names this process among all that share the database. */
  readonly owner: string;
  /** Lanes that are worked on side by side. */
  readonly concurrency: number;
  /**
   * Works on a claimed lane and gives it back. Where it rejects, the lane is tried again later. The signal aborts when
   * the lease was lost or the worker stops.
   */
  readonly work: (claim: LaneClaim, signal: AbortSignal) => Promise<void>;
  /** Asked before every claim. Default: always. */
  readonly mayClaim?: () => boolean;
  /** The lease could not be held: what was computed must not count. */
  readonly onLost?: () => void;
  readonly logger: RoadLogger;
  /** Milliseconds of a lease; renewed three times as often. Default 15 000. */
  readonly leaseMs?: number;
  /** Milliseconds between looks for lanes that nobody told of. Default 1 000. */
  readonly pollMs?: number;
  /** Milliseconds until a lane is tried again whose work ended with an error that nobody expected. Default 5 000. */
  readonly restMs?: number;
}

interface Held {
  readonly claim: LaneClaim;
  readonly abort: AbortController;
}

/** Milliseconds within which wake-ups are one. */
const wakeGrain = 10;
/** Where work takes longer than so many milliseconds, nothing is claimed ahead: another process may have a place for it. */
const shortWork = 50;

/** Claims lanes of one kind and works on them, several side by side, holding their leases as long as it takes. */
export class LaneWorker {
  readonly #options: LaneWorkerOptions;
  readonly #leaseMs: number;
  readonly #pollMs: number;
  readonly #held = new Map<string, Held>();
  readonly #queued: Held[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #wakes = new Map<number, NodeJS.Timeout>();
  #poll: NodeJS.Timeout | undefined;
  #renewal: NodeJS.Timeout | undefined;
  #renewedAt = 0;
  #claiming: Promise<void> | undefined;
  #isClaiming = false;
  #wanted = false;
  #started = false;
  #failures = 0;
  /** Milliseconds that work took lately. */
  #usualWork = Number.POSITIVE_INFINITY;

  constructor(options: LaneWorkerOptions) {
    this.#options = options;
    this.#leaseMs = options.leaseMs ?? 15_000;
    this.#pollMs = options.pollMs ?? 1_000;
  }

  /** Whether more may wait than can be worked on. */
  get saturated(): boolean {
    return this.#running.size >= this.#options.concurrency;
  }

  start(): void {
    this.#started = true;
    this.#poll = setInterval(() => this.#look(), this.#pollMs);
    this.#renewal = setInterval(() => void this.#renew(), this.#leaseMs / 3);
    this.#look();
  }

  /** A lane becomes due in `delayMs`: it is looked for then, without waiting for the next poll. */
  wake(delayMs = 0): void {
    if (!this.#started) return;
    if (delayMs <= 0) {
      this.#look();
      return;
    }
    // A little later than due: the database's clock decides.
    const at = Math.ceil((Date.now() + delayMs) / wakeGrain) + 1;
    if (this.#wakes.has(at)) return;
    const timer = setTimeout(
      () => {
        this.#wakes.delete(at);
        this.#look();
      },
      at * wakeGrain - Date.now(),
    );
    this.#wakes.set(at, timer);
  }

  /** Claims no more and lets the work at hand end for at most `deadlineMs`; then aborts it. Nothing is lost either way. */
  async stop(deadlineMs: number): Promise<void> {
    this.#started = false;
    clearInterval(this.#poll);
    for (const timer of this.#wakes.values()) clearTimeout(timer);
    this.#wakes.clear();
    await this.#claiming;
    await Promise.all(
      this.#queued.splice(0).map((held) => this.#giveBack(held, { again: 0, untried: true })),
    );
    const { promise: deadline, resolve } = Promise.withResolvers<"late">();
    const timer = setTimeout(resolve, deadlineMs, "late");
    while (this.#running.size > 0 && (await Promise.race([...this.#running, deadline])) !== "late");
    clearTimeout(timer);
    for (const { abort } of this.#held.values()) abort.abort(new Error("The service stops."));
    await Promise.all(this.#running);
    clearInterval(this.#renewal);
  }

  #look(): void {
    this.#wanted = true;
    if (!this.#isClaiming) this.#claiming = this.#claimAll();
  }

  /** How many lanes may be claimed now. Under load those that need little time come ahead, and wait here, leased. */
  get #room(): number {
    const { concurrency } = this.#options;
    if (this.#held.size > concurrency) return 0;
    return (this.#usualWork < shortWork ? 2 * concurrency : concurrency) - this.#held.size;
  }

  async #claimAll(): Promise<void> {
    const { kind, lanes, owner, mayClaim, logger } = this.#options;
    this.#isClaiming = true;
    try {
      while (this.#wanted && this.#started && this.#room > 0 && (mayClaim?.() ?? true)) {
        this.#wanted = false;
        const limit = this.#room;
        const claims = await lanes.claim(kind, owner, limit, this.#leaseMs);
        this.#failures = 0;
        if (claims.length === limit) this.#wanted = true;
        for (const claim of claims) this.#queue(claim);
        this.#startQueued();
      }
    } catch (err) {
      this.#failures += 1;
      if (this.#failures === 1) logger.error({ err, kind }, "lanes could not be claimed; tried again");
    } finally {
      this.#isClaiming = false;
    }
  }

  #queue(claim: LaneClaim): void {
    const held = { claim, abort: new AbortController() };
    if (this.#held.size === 0) this.#renewedAt = performance.now();
    // It was given back a moment ago, or its lease ran out while this process stood still: then nothing of it counts.
    this.#held.get(claim.key)?.abort.abort(new Error("The lane was claimed once more."));
    this.#held.set(claim.key, held);
    this.#queued.push(held);
  }

  #startQueued(): void {
    while (this.#started && this.#running.size < this.#options.concurrency) {
      const held = this.#queued.shift();
      if (held === undefined) return;
      const work = this.#work(held).finally(() => {
        this.#running.delete(work);
        if (!this.#started) return;
        this.#startQueued();
        if (this.#wanted) this.#look();
      });
      this.#running.add(work);
    }
  }

  async #work(held: Held): Promise<void> {
    const { claim, abort } = held;
    const { work, logger, kind, restMs = 5_000 } = this.#options;
    const began = performance.now();
    try {
      abort.signal.throwIfAborted();
      await work(claim, abort.signal);
    } catch (err) {
      if (!abort.signal.aborted) logger.error({ err, kind, key: claim.key }, "work on a lane failed");
      // That the service stops is no fault of this work.
      await this.#giveBack(held, this.#started ? { again: restMs } : { again: 0, untried: true });
    } finally {
      this.#drop(held);
      const took = performance.now() - began;
      this.#usualWork = Number.isFinite(this.#usualWork) ? 0.8 * this.#usualWork + 0.2 * took : took;
    }
  }

  async #giveBack(held: Held, how: { readonly again: number; readonly untried?: true }): Promise<void> {
    try {
      await this.#options.lanes.release(held.claim, how);
      this.wake(how.again);
    } catch {
      // The database is away: the lease runs out by itself.
    } finally {
      this.#drop(held);
    }
  }

  /** Unless the lane was claimed once more meanwhile: then another work holds it. */
  #drop(held: Held): void {
    if (this.#held.get(held.claim.key) === held) this.#held.delete(held.claim.key);
  }

  async #renew(): Promise<void> {
    const held = [...this.#held.values()];
    if (held.length === 0) return;
    try {
      const kept = new Set(
        await this.#options.lanes.renew(
          held.map(({ claim }) => claim),
          this.#leaseMs,
        ),
      );
      this.#renewedAt = performance.now();
      for (const { claim, abort } of held) {
        if (!kept.has(claim) && this.#held.get(claim.key)?.claim === claim) this.#lose(abort);
      }
    } catch (err) {
      this.#options.logger.error({ err, kind: this.#options.kind }, "leases could not be renewed");
      // Another process may take them from now on.
      if (performance.now() - this.#renewedAt > this.#leaseMs)
        for (const { abort } of held) this.#lose(abort);
    }
  }

  #lose(abort: AbortController): void {
    if (abort.signal.aborted) return;
    this.#options.onLost?.();
    abort.abort(new Error("The lease was lost."));
  }
}
