import type { ChannelHealth } from "../messaging/channel-health.ts";
import type { LaneStore } from "../messaging/lane-store.ts";
import type { RoadLogger } from "../messaging/road-observer.ts";
import type { Channel } from "./channel.ts";
import { ChannelLease } from "./channel-lease.ts";
import { runChannel } from "./run-channel.ts";
import { pause, within } from "./waiting.ts";

/** Health as one process sees it. `standby`: another process holds the channel, and this one is ready to take over. */
export type HostedHealth = Omit<ChannelHealth, "state"> & {
  readonly state: ChannelHealth["state"] | "standby";
};

export interface ChannelHostOptions {
  readonly channels: readonly Channel[];
  readonly lanes: Pick<LaneStore, "acquire" | "renew" | "release">;
  /** Names this process among all that share the database. */
  readonly owner: string;
  readonly logger: RoadLogger;
  readonly metrics?: { leaseLost(kind: string): void };
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Wall clock. */
  readonly date: () => Date;
  /** This process may send for the channel from now on. */
  readonly onHeld?: (name: string) => void;
  /** Milliseconds of a lease, renewed three times as often. Default 15 000. */
  readonly leaseMs?: number;
}

/** Starts and stops the channels of one process. */
export interface ChannelHost {
  /** Starts every channel that may run here, and goes on trying. */
  start(): void;
  /** Whether this process runs the channel: of an exclusive one at most one process at a time. */
  holds(name: string): boolean;
  /** Whether this process may send for the channel, and the channel can be sent to now. */
  maySend(name: string): boolean;
  /** Every channel's health by its name. */
  health(): Readonly<Record<string, HostedHealth>>;
  /** Stops every channel, then lets other processes have them. Takes a few seconds at most. */
  stop(): Promise<void>;
}

export function createChannelHost(options: ChannelHostOptions): ChannelHost {
  const hosted = new Map(
    options.channels.map((channel) => [channel.name, new HostedChannel(channel, options)]),
  );
  return {
    start: () => {
      for (const channel of hosted.values()) channel.start();
    },
    holds: (name) => hosted.get(name)?.held ?? false,
    maySend: (name) => {
      const channel = hosted.get(name);
      return channel?.held === true && ["ready", "degraded"].includes(channel.health().state);
    },
    health: () => Object.fromEntries([...hosted].map(([name, channel]) => [name, channel.health()])),
    stop: async () => {
      await Promise.all([...hosted.values()].map((channel) => channel.stop()));
    },
  };
}

/** One channel in one process. */
class HostedChannel {
  readonly #channel: Channel;
  readonly #options: ChannelHostOptions;
  readonly #leaseMs: number;
  readonly #lease: ChannelLease | undefined;
  readonly #stopping = new AbortController();
  #life: Promise<void> = Promise.resolve();
  #runs = false;
  /** What the channel cannot say of itself, because it is not started here. */
  #outer: HostedHealth | undefined;

  constructor(channel: Channel, options: ChannelHostOptions) {
    this.#channel = channel;
    this.#options = options;
    this.#leaseMs = options.leaseMs ?? 15_000;
    if (channel.exclusive) {
      const { lanes, owner, logger, now } = options;
      this.#lease = new ChannelLease({
        channel: channel.name,
        lanes,
        owner,
        logger,
        now,
        leaseMs: this.#leaseMs,
      });
      this.#outer = { state: "starting", since: options.date().toISOString() };
    }
  }

  get held(): boolean {
    return this.#runs && (this.#lease?.held ?? true);
  }

  health(): HostedHealth {
    if (this.#outer !== undefined) return this.#outer;
    try {
      return this.#channel.health();
    } catch {
      return {
        state: "down",
        reason: "it cannot tell its health",
        since: this.#options.date().toISOString(),
      };
    }
  }

  start(): void {
    this.#life = this.#lease === undefined ? this.#run(this.#stopping.signal) : this.#hold(this.#lease);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    // What does not stop must not keep the process from ending: its lease runs out.
    await within(this.#leaseMs, this.#life);
    this.#runs = false;
  }

  /** Runs the channel whenever the lane can be had, one lease after the other. */
  async #hold(lease: ChannelLease): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const outcome = await lease.acquire();
      if (outcome === "held") await this.#runWhileHeld(lease, signal);
      else this.#sayNotHeld(outcome);
      await pause(this.#leaseMs / 3, signal);
    }
    await lease.release();
  }

  async #runWhileHeld(lease: ChannelLease, signal: AbortSignal): Promise<void> {
    const lost = new AbortController();
    const running = this.#run(AbortSignal.any([signal, lost.signal]));
    const end = await lease.keep(signal);
    if (end !== "stopped") {
      const channel = this.#channel.name;
      this.#options.logger.warn({ channel, reason: end }, "the lease of a channel was lost; it stops here");
      this.#options.metrics?.leaseLost("channel");
      if (end === "other") lease.forget();
      lost.abort();
    }
    await running;
    if (end === "stopped") return;
    lease.forget();
    this.#sayNotHeld(end);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { logger, onHeld } = this.#options;
    this.#runs = true;
    this.#outer = undefined;
    onHeld?.(this.#channel.name);
    await runChannel(this.#channel, signal, {
      logger,
      // A lost lease leaves a third of its time, one that was kept until now at least two.
      stopMs: () => (this.#leaseMs / 3) * (this.#stopping.signal.aborted ? 2 : 1),
      onStart: (failure) => {
        this.#outer = undefined;
        if (failure !== undefined) this.#say("down", failure);
      },
      onLate: () => {
        this.#lease?.forget();
        this.#say("down", "it does not stop");
      },
    });
    this.#runs = false;
  }

  #sayNotHeld(outcome: "other" | "unknown"): void {
    if (outcome === "other") this.#say("standby");
    else this.#say("down", "the database does not say who holds the channel");
  }

  /** `since` stays while nothing changes. */
  #say(state: HostedHealth["state"], reason?: string): void {
    if (this.#outer?.state === state && this.#outer.reason === reason) return;
    const since = this.#options.date().toISOString();
    this.#outer = reason === undefined ? { state, since } : { state, reason, since };
  }
}
