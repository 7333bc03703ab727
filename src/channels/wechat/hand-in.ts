import { AppError } from "../../errors.ts";
import type { FileStore } from "../../messaging/file-store.ts";
import type { InboxPort } from "../../messaging/inbox.ts";
import type { PlatformEvent } from "../../messaging/platform-event.ts";
import { pause } from "../waiting.ts";

export interface HandInParts {
  readonly channel: string;
  readonly inbox: Pick<InboxPort, "receiveEvents">;
  readonly files: Pick<FileStore, "remove">;
  readonly logger: {
    warn(details: Readonly<Record<string, unknown>>, message: string): void;
    error(details: Readonly<Record<string, unknown>>, message: string): void;
  };
  readonly now: () => Date;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Milliseconds before a store that failed is tried again; doubled each time, up to 64 times. */
  readonly restMs: number;
  /** Events that wait in memory; more are lost. */
  readonly mostWaiting: number;
}

/** Events that are stored in one transaction. */
const batchLength = 50;
/** An event that the store refuses so often, while it is there, is given up. */
const mostRefusals = 8;

/**
 * Hands events to the inbox in their order. WeChat delivers nothing twice: what the store does not take now is kept in
 * memory and tried again until it does.
 */
export class HandIn {
  readonly #parts: HandInParts;
  readonly #queue: PlatformEvent[] = [];
  readonly #aborted = new AbortController();
  #running: Promise<void> | undefined;
  #failingSince: Date | undefined;
  #failures = 0;
  #refusals = 0;
  #lost = 0;

  constructor(parts: HandInParts) {
    this.#parts = parts;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Since when the store takes nothing; undefined while it does. */
  get failingSince(): Date | undefined {
    return this.#failingSince;
  }

  add(event: PlatformEvent): void {
    if (this.#aborted.signal.aborted || this.#queue.length >= this.#parts.mostWaiting) {
      this.#lose([event], "too many messages wait to be stored");
      return;
    }
    this.#queue.push(event);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Resolves when everything is stored. What is not after `ms` milliseconds is lost, and nothing more is taken. */
  async close(ms: number): Promise<void> {
    const timer = setTimeout(() => this.#aborted.abort(), ms);
    await this.#running;
    clearTimeout(timer);
    this.#aborted.abort();
    this.#lose(this.#queue.splice(0), "the service stopped before they could be stored");
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0 && !this.#aborted.signal.aborted) {
      // One by one after a failure: a single bad event must not hold up the others of its batch.
      const batch = this.#queue.slice(0, this.#failures > 0 ? 1 : batchLength);
      try {
        const outcomes = await this.#parts.inbox.receiveEvents(this.#parts.channel, batch);
        this.#queue.splice(0, batch.length);
        this.#failingSince = undefined;
        this.#failures = 0;
        this.#refusals = 0;
        await this.#removeFiles(batch.filter((_event, index) => outcomes[index]?.outcome !== "stored"));
      } catch (err) {
        await this.#failed(err, batch.length);
      }
    }
  }

  async #failed(err: unknown, length: number): Promise<void> {
    const { logger, random, restMs } = this.#parts;
    this.#failingSince ??= this.#parts.now();
    this.#failures += 1;
    const isAway = err instanceof AppError && err.code === "storage.unavailable";
    this.#refusals = isAway || length > 1 ? 0 : this.#refusals + 1;
    logger.warn(
      { err, waiting: this.#queue.length, failures: this.#failures },
      "WeChat messages could not be stored",
    );
    if (this.#refusals >= mostRefusals) {
      this.#refusals = 0;
      this.#lose(this.#queue.splice(0, 1), "the store refuses it");
      return;
    }
    const rest = restMs * 2 ** Math.min(this.#failures - 1, 6) * (0.5 + random() / 2);
    await pause(rest, this.#aborted.signal);
  }

  #lose(events: readonly PlatformEvent[], reason: string): void {
    if (events.length === 0) return;
    this.#lost += events.length;
    this.#parts.logger.error(
      { reason, events: events.length, lost: this.#lost },
      "WeChat messages were lost",
    );
    void this.#removeFiles(events);
  }

  /** Files of events of which nothing was stored; one that stays behind only takes room. */
  async #removeFiles(events: readonly PlatformEvent[]): Promise<void> {
    const ids = events.flatMap((event) =>
      event.type === "message" ? (event.attachments ?? []).flatMap(({ stored }) => stored?.id ?? []) : [],
    );
    if (ids.length === 0) return;
    try {
      await this.#parts.files.remove(ids);
    } catch (err) {
      this.#parts.logger.warn({ err, files: ids.length }, "files of unstored WeChat messages stay behind");
    }
  }
}
