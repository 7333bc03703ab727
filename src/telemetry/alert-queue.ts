import type { AlertWay, OutgoingAlert } from "./alert.ts";
import type { Logger } from "./logger.ts";

export interface AlertQueueOptions {
  readonly way: AlertWay;
  readonly logger: Logger;
  /** Milliseconds before each further try. */
  readonly retryMs: readonly number[];
  /** Milliseconds for one try. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Alerts that wait; the oldest are dropped first. */
const longest = 100;

/** Hands alerts to one way, one after the other, until the signal aborts. What it does not take is tried again. */
export class AlertQueue {
  readonly #options: AlertQueueOptions;
  readonly #waiting: OutgoingAlert[] = [];
  #running = false;

  constructor(options: AlertQueueOptions) {
    this.#options = options;
  }

  add(alert: OutgoingAlert): void {
    this.#waiting.push(alert);
    if (this.#waiting.length > longest) this.#waiting.shift();
    if (!this.#running) void this.#work();
  }

  async #work(): Promise<void> {
    this.#running = true;
    for (let alert = this.#waiting.shift(); alert !== undefined; alert = this.#waiting.shift()) {
      await this.#deliver(alert);
    }
    this.#running = false;
  }

  async #deliver(alert: OutgoingAlert): Promise<void> {
    const { way, logger, retryMs, signal } = this.#options;
    for (const [attempt, rest] of [...retryMs, undefined].entries()) {
      if (signal.aborted) return;
      try {
        await this.#try(alert);
        return;
      } catch (err) {
        if (signal.aborted) return;
        const details = { err, way: way.name, type: alert.type, channel: alert.channel };
        if (rest === undefined) logger.error(details, "an alert could not be delivered");
        else if (attempt === 0) logger.warn(details, "an alert was not taken; tried again");
      }
      if (rest !== undefined) await sleep(rest, signal);
    }
  }

  /** A way that does not heed its signal holds up nothing either. */
  async #try(alert: OutgoingAlert): Promise<void> {
    const { way, timeoutMs, signal } = this.#options;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const over = new Promise<never>((_, reject) => {
      limit.addEventListener("abort", () => reject(limit.reason), { once: true });
    });
    over.catch(() => {});
    await Promise.race([way.deliver(alert, limit), over]);
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end, { once: true });
  });
}
