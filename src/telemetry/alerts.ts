import type { Alert, AlertWay } from "./alert.ts";
import { AlertQueue } from "./alert-queue.ts";
import { alertText } from "./alert-text.ts";
import type { Logger } from "./logger.ts";

export type { Alert, AlertWay } from "./alert.ts";

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
