import { AlertQueue } from "./alert-queue.ts";
import { alertText } from "./alert-text.ts";
import type { Logger } from "./logger.ts";

/**
 * What admins are told at once. `channel.*` and `outbox.stuck`: see `channels/channel-watch.ts`; `message.set_aside`:
 * a contact's message could not be answered.
 */
export interface Alert {
  readonly type: "channel.down" | "channel.back" | "outbox.stuck" | "message.set_aside";
  readonly channel: string;
  /** ISO timestamp. */
  readonly since: string;
  readonly state?: string;
  readonly reason?: string;
  readonly awaySeconds?: number;
  readonly waiting?: number;
  /** Of several alike within a short time: how many this one stands for. */
  readonly count?: number;
}

/** An alert as it goes out, with a line in Chinese for people. */
export type OutgoingAlert = Alert & { readonly text: string };

/** One way to the admins. Rejects where it did not take the alert: it is tried again. */
export interface AlertWay {
  readonly name: string;
  deliver(alert: OutgoingAlert, signal: AbortSignal): Promise<void>;
}

export interface AlertsOptions {
  readonly ways: readonly AlertWay[];
  readonly logger: Logger;
  /** Milliseconds before each further try. Default: 2 s, 10 s, 60 s. */
  readonly retryMs?: readonly number[];
  /** Milliseconds for one try. Default 5 000. */
  readonly timeoutMs?: number;
  /** Milliseconds for which messages set aside on one channel are told of once. Default 600 000. */
  readonly gatherMs?: number;
}

/**
 * Tells admins on every way, each at its own pace: `send` returns at once, and a way that is slow or away holds up
 * nobody. What a way does not take after some tries is logged and dropped.
 */
export class Alerts {
  readonly #gatherMs: number;
  readonly #queues: readonly AlertQueue[];
  readonly #stopping = new AbortController();
  /** Messages set aside since one was told of, by channel. */
  readonly #gathered = new Map<string, { count: number; readonly timer: NodeJS.Timeout }>();

  constructor(options: AlertsOptions) {
    const { ways, logger, retryMs = [2_000, 10_000, 60_000], timeoutMs = 5_000 } = options;
    this.#gatherMs = options.gatherMs ?? 600_000;
    const { signal } = this.#stopping;
    this.#queues = ways.map((way) => new AlertQueue({ way, logger, retryMs, timeoutMs, signal }));
  }

  send(alert: Alert): void {
    if (this.#stopping.signal.aborted) return;
    if (alert.type !== "message.set_aside" || this.#isFirst(alert)) this.#tell(alert);
  }

  /** Gives up what waits. */
  stop(): void {
    this.#stopping.abort(new Error("The service stops."));
    for (const { timer } of this.#gathered.values()) clearTimeout(timer);
  }

  /** The first is told at once; those that follow soon are counted and told together. */
  #isFirst({ channel, since }: Alert): boolean {
    const known = this.#gathered.get(channel);
    if (known !== undefined) {
      known.count += 1;
      return false;
    }
    const timer = setTimeout(() => this.#tellGathered(channel, since), this.#gatherMs);
    this.#gathered.set(channel, { count: 0, timer: timer.unref() });
    return true;
  }

  #tellGathered(channel: string, since: string): void {
    const count = this.#gathered.get(channel)?.count ?? 0;
    this.#gathered.delete(channel);
    if (count > 0) this.#tell({ type: "message.set_aside", channel, since, count });
  }

  #tell(alert: Alert): void {
    const outgoing = { ...alert, text: alertText(alert) };
    for (const queue of this.#queues) queue.add(outgoing);
  }
}
