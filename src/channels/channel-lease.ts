import type { LaneClaim, LaneStore } from "../messaging/lane-store.ts";
import type { RoadLogger } from "../messaging/road-observer.ts";
import { pause, within } from "./waiting.ts";

export interface ChannelLeaseOptions {
  readonly channel: string;
  readonly lanes: Pick<LaneStore, "acquire" | "renew" | "release">;
  readonly owner: string;
  readonly logger: RoadLogger;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly leaseMs: number;
}

/** `other`: another process has it. `unknown`: the database did not say in time. */
export type AcquireOutcome = "held" | "other" | "unknown";

/**
 * This process's hold on an exclusive channel. It counts from before the database was asked, so that it always ends
 * earlier here than there, and it is given up a third of its length before the end where it could not be renewed:
 * in that time the channel stops, and only then another process may begin.
 */
export class ChannelLease {
  readonly #options: ChannelLeaseOptions;
  #claim: LaneClaim | undefined;
  #until = 0;

  constructor(options: ChannelLeaseOptions) {
    this.#options = options;
  }

  /** Whether nobody else can have the channel now. */
  get held(): boolean {
    return this.#claim !== undefined && this.#options.now() < this.#until;
  }

  async acquire(): Promise<AcquireOutcome> {
    const { lanes, channel, owner, leaseMs, logger, now } = this.#options;
    const asked = now();
    try {
      const claim = await within(leaseMs / 3, lanes.acquire("channel", channel, owner, leaseMs));
      if (claim === "late") return "unknown";
      if (claim === undefined) return "other";
      this.#hold(claim, asked);
      return "held";
    } catch (err) {
      logger.warn({ err, channel }, "the lease of a channel could not be asked for");
      return "unknown";
    }
  }

  /** Renews until the lease is lost or the signal aborts. `other`: another process has it. */
  async keep(signal: AbortSignal): Promise<"other" | "unknown" | "stopped"> {
    const { leaseMs } = this.#options;
    let rest = this.#left / 2;
    while (!signal.aborted) {
      await pause(Math.min(rest, this.#left), signal);
      if (signal.aborted) break;
      if (this.#left <= 0) return "unknown";
      const outcome = await this.#renew();
      if (outcome === "other") return "other";
      rest = outcome === "held" ? this.#left / 2 : leaseMs / 15;
    }
    return "stopped";
  }

  /** Lets another process have it at once. Where the database is away, it may have it when the lease ran out. */
  async release(): Promise<void> {
    const claim = this.#claim;
    this.forget();
    if (claim === undefined) return;
    try {
      await within(this.#options.leaseMs / 3, this.#options.lanes.release(claim));
    } catch (err) {
      const { logger, channel } = this.#options;
      logger.warn({ err, channel }, "the lease of a channel could not be given back; it runs out");
    }
  }

  /** Holds it no longer, whatever the database says. */
  forget(): void {
    this.#claim = undefined;
  }

  /** Milliseconds until it must be renewed or given up. */
  get #left(): number {
    const { leaseMs, now } = this.#options;
    return this.#until - leaseMs / 3 - now();
  }

  async #renew(): Promise<AcquireOutcome> {
    const { lanes, channel, leaseMs, logger, now } = this.#options;
    const claim = this.#claim;
    if (claim === undefined) return "other";
    const asked = now();
    try {
      const kept = await within(this.#left, lanes.renew([claim], leaseMs));
      if (kept === "late") return "unknown";
      if (kept.length === 0) return "other";
      this.#hold(claim, asked);
      return "held";
    } catch (err) {
      logger.warn({ err, channel }, "the lease of a channel could not be renewed; tried again");
      return "unknown";
    }
  }

  #hold(claim: LaneClaim, asked: number): void {
    this.#claim = claim;
    this.#until = asked + this.#options.leaseMs;
  }
}
