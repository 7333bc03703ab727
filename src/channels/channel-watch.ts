import type { RoadLogger } from "../messaging/road-observer.ts";
import type { HostedHealth } from "./channel-host.ts";

/** What admins are told of a channel. */
export interface ChannelAlert {
  /** `channel.back`: it works again, or another process has it. `outbox.stuck`: replies wait though it works. */
  readonly type: "channel.down" | "channel.back" | "outbox.stuck";
  readonly channel: string;
  readonly state: HostedHealth["state"];
  readonly reason?: string;
  /** ISO timestamp: since when it is away, works again, or the oldest reply waits. */
  readonly since: string;
  /** Whole seconds that it was away. */
  readonly awaySeconds?: number;
  /** Contacts whose replies wait. */
  readonly waiting?: number;
}

/** Where alerts go. It returns at once. */
export interface AlertSink {
  send(alert: ChannelAlert): void;
}

export interface ChannelFigures {
  channelState(channel: string, state: HostedHealth["state"]): void;
  /** 0 while it works. */
  channelDownSeconds(channel: string, seconds: number): void;
  waitingDeliveries(channel: string, count: number, oldestSeconds: number): void;
}

/** What waits in a channel's outbox, of all processes. */
export interface OutboxBacklog {
  /** Contacts for whom something waits. */
  readonly waiting: number;
  /** Milliseconds that the oldest has waited. */
  readonly oldestMs: number;
}

const nothingWaits: OutboxBacklog = { waiting: 0, oldestMs: 0 };

export interface ChannelWatchOptions {
  readonly health: () => Readonly<Record<string, HostedHealth>>;
  /** By channel; one that is missing has nothing that waits. */
  readonly backlog?: () => Promise<Readonly<Record<string, OutboxBacklog>>>;
  readonly alerts: AlertSink;
  readonly metrics: ChannelFigures;
  readonly logger: RoadLogger;
  readonly now: () => Date;
  /** A channel is in another state than at the last look. */
  readonly onChange?: (channel: string, health: HostedHealth) => void;
  /** Milliseconds between looks. Default 3 000. */
  readonly everyMs?: number;
  /** Milliseconds for which a channel must be away before admins are told. Default 60 000. */
  readonly alertAfterMs?: number;
  /** Milliseconds for which replies must wait on a working channel before admins are told. Default 300 000. */
  readonly stuckAfterMs?: number;
}

/** What was seen of one channel. */
interface Watched {
  seen: HostedHealth | undefined;
  /** Since when it does not work; undefined: it works. */
  awaySince: number | undefined;
  worksSince: number | undefined;
  toldAway: boolean;
  toldStuck: boolean;
}

/**
 * Looks at every channel now and then. A channel that is down, or does not get past `starting`, is away until it is
 * ready again: admins are told once when that lasts, and once when it is over.
 */
export class ChannelWatch {
  readonly #options: ChannelWatchOptions;
  readonly #watched = new Map<string, Watched>();
  #timer: NodeJS.Timeout | undefined;
  #counting = false;

  constructor(options: ChannelWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.look();
    this.#timer = setInterval(() => this.look(), this.#options.everyMs ?? 3_000);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Looks once. */
  look(): void {
    for (const [channel, health] of Object.entries(this.#options.health())) this.#see(channel, health);
    void this.#count();
  }

  #see(channel: string, health: HostedHealth): void {
    const { metrics, now } = this.#options;
    const watched = this.#watchedOf(channel);
    if (watched.seen?.state !== health.state || watched.seen.reason !== health.reason) {
      this.#changed(channel, health, watched.seen);
    }
    watched.seen = health;
    if (health.state === "down" || health.state === "starting") this.#isAway(channel, health, watched);
    else this.#works(channel, health, watched);
    metrics.channelState(channel, health.state);
    const away = watched.awaySince === undefined ? 0 : now().getTime() - watched.awaySince;
    metrics.channelDownSeconds(channel, Math.max(0, away / 1_000));
  }

  #changed(channel: string, health: HostedHealth, former: HostedHealth | undefined): void {
    const { logger, onChange } = this.#options;
    const details = { channel, former: former?.state, ...health };
    if (health.state === "down" || health.state === "degraded") {
      logger.warn(details, "a channel does not work as it should");
    } else {
      logger.info(details, "a channel changed its state");
    }
    onChange?.(channel, health);
  }

  #isAway(channel: string, health: HostedHealth, watched: Watched): void {
    const { now, alerts, alertAfterMs = 60_000 } = this.#options;
    watched.worksSince = undefined;
    watched.toldStuck = false;
    watched.awaySince ??= timeOf(health.since, now());
    if (watched.toldAway || now().getTime() - watched.awaySince < alertAfterMs) return;
    watched.toldAway = true;
    alerts.send({
      type: "channel.down",
      channel,
      state: health.state,
      ...(health.reason === undefined ? {} : { reason: health.reason }),
      since: new Date(watched.awaySince).toISOString(),
    });
  }

  #works(channel: string, health: HostedHealth, watched: Watched): void {
    const { now, alerts } = this.#options;
    const { awaySince, toldAway } = watched;
    watched.awaySince = undefined;
    watched.toldAway = false;
    watched.worksSince ??= now().getTime();
    if (!toldAway || awaySince === undefined) return;
    const since = timeOf(health.since, now());
    alerts.send({
      type: "channel.back",
      channel,
      state: health.state,
      since: new Date(since).toISOString(),
      awaySeconds: Math.max(0, Math.round((since - awaySince) / 1_000)),
    });
  }

  /** The database may be slow or away: one count at a time, and the states do not wait for it. */
  async #count(): Promise<void> {
    const { backlog, metrics, logger } = this.#options;
    if (backlog === undefined || this.#counting) return;
    this.#counting = true;
    try {
      const backlogs = await backlog();
      for (const channel of this.#watched.keys()) {
        const waits = backlogs[channel] ?? nothingWaits;
        metrics.waitingDeliveries(channel, waits.waiting, waits.oldestMs / 1_000);
        this.#compare(channel, waits);
      }
    } catch (err) {
      logger.warn({ err }, "what waits in the outbox could not be counted");
    } finally {
      this.#counting = false;
    }
  }

  /** Replies that waited for the channel have as long to go out as any other. */
  #compare(channel: string, { waiting, oldestMs }: OutboxBacklog): void {
    const { now, alerts, stuckAfterMs = 300_000 } = this.#options;
    const watched = this.#watched.get(channel);
    if (watched?.seen === undefined || watched.worksSince === undefined || watched.seen.state === "standby")
      return;
    const worksFor = now().getTime() - watched.worksSince;
    const isStuck = waiting > 0 && Math.min(oldestMs, worksFor) > stuckAfterMs;
    if (isStuck && !watched.toldStuck) {
      const since = new Date(now().getTime() - oldestMs).toISOString();
      alerts.send({ type: "outbox.stuck", channel, state: watched.seen.state, since, waiting });
    }
    watched.toldStuck = isStuck;
  }

  #watchedOf(channel: string): Watched {
    const known = this.#watched.get(channel);
    if (known !== undefined) return known;
    const watched: Watched = {
      seen: undefined,
      awaySince: undefined,
      worksSince: undefined,
      toldAway: false,
      toldStuck: false,
    };
    this.#watched.set(channel, watched);
    return watched;
  }
}

/** A time that a channel tells, as far as it can be one. */
function timeOf(since: string, now: Date): number {
  const time = Date.parse(since);
  return Number.isNaN(time) ? now.getTime() : Math.min(time, now.getTime());
}
