import type { PlatformEvent } from "../../messaging/platform-event.ts";
import { pause } from "../waiting.ts";
import { inTime } from "./in-time.ts";
import type { WechatAccount } from "./puppet.ts";
import { reasonOf } from "./puppet-error.ts";
import {
  addressOf,
  hasFile,
  isForUs,
  type ReceiveParts,
  toPlatformEvent,
  type WechatMessage,
} from "./receive.ts";

export interface ArrivalsParts extends ReceiveParts {
  readonly account: () => WechatAccount | undefined;
  readonly handIn: { add(event: PlatformEvent): void };
  readonly logger: {
    warn(details: Readonly<Record<string, unknown>>, message: string): void;
    error(details: Readonly<Record<string, unknown>>, message: string): void;
  };
  /** Messages that are read at one time; more are lost. */
  readonly mostWaiting: number;
  /** Milliseconds that the puppet has to tell what a message says, and before it is asked again. */
  readonly readMs: number;
  readonly readAgainMs: number;
}

/** Ids that are remembered, so that a message which a puppet tells twice is not fetched twice. */
const mostRemembered = 5_000;
/** Files that are fetched side by side. */
const filesAtOnce = 8;
const mostReads = 5;

/**
 * Reads what arrives and hands it on in the order of arrival, contact by contact: a contact's slow file holds up what
 * the same contact writes after it, and nobody else.
 */
export class Arrivals {
  readonly #parts: ArrivalsParts;
  readonly #remembered = new Set<string>();
  readonly #lanes = new Map<string, Promise<void>>();
  readonly #pending = new Set<Promise<void>>();
  #line: Promise<void> = Promise.resolve();
  #fetching = 0;
  readonly #waitingForRoom: (() => void)[] = [];

  constructor(parts: ArrivalsParts) {
    this.#parts = parts;
  }

  get waiting(): number {
    return this.#pending.size;
  }

  /** Takes the id of a message that has just come. */
  take(id: string): void {
    if (id === "" || this.#remembered.has(id)) return;
    if (this.#pending.size >= this.#parts.mostWaiting) {
      this.#parts.logger.error(
        { waiting: this.#pending.size },
        "a WeChat message was lost: too many are being read",
      );
      return;
    }
    this.#remember(id);
    const reading = this.#read(id);
    const inLine = this.#line.then(() => reading);
    // The next one waits until this one has its place among its contact's messages, not until it is done.
    const placed = inLine.then((read) =>
      read === undefined ? undefined : this.#place(read.account, read.message),
    );
    this.#line = placed.then(() => {});
    const done = placed.then((handled) => handled?.done);
    this.#pending.add(done);
    void done.finally(() => this.#pending.delete(done));
  }

  /** Resolves when everything that was taken is handed on. */
  async settle(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  async #read(id: string): Promise<{ account: WechatAccount; message: WechatMessage } | undefined> {
    const { account, logger, readMs, readAgainMs } = this.#parts;
    for (let reads = 1; ; reads++) {
      const current = account();
      try {
        if (current === undefined) throw new Error("The account is not logged in.");
        const message = await inTime(readMs, current.puppet.messagePayload(id));
        return isForUs(message, current.selfId, this.#parts) ? { account: current, message } : undefined;
      } catch (err) {
        if (reads === mostReads) {
          this.#remembered.delete(id);
          logger.error({ reason: reasonOf(err) }, "a WeChat message was lost: it could not be read");
          return undefined;
        }
      }
      await pause(readAgainMs);
    }
  }

  /** Queues it behind its contact's earlier messages; an object, so that waiting for the place is not waiting for it. */
  #place(account: WechatAccount, message: WechatMessage): { done: Promise<void> } {
    const { key } = addressOf(message.talkerId, message.roomId);
    const before = this.#lanes.get(key) ?? Promise.resolve();
    const done = before.then(() => this.#handle(account, message));
    this.#lanes.set(key, done);
    void done.then(() => {
      if (this.#lanes.get(key) === done) this.#lanes.delete(key);
    });
    return { done };
  }

  async #handle(account: WechatAccount, message: WechatMessage): Promise<void> {
    const { handIn, logger } = this.#parts;
    const isFile = hasFile(message);
    if (isFile) await this.#enter();
    try {
      const event = await toPlatformEvent(account, message, this.#parts);
      if (event !== undefined) handIn.add(event);
    } catch (err) {
      logger.error(
        { reason: reasonOf(err), kind: message.type },
        "a WeChat message was lost: it was not understood",
      );
    } finally {
      if (isFile) this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#fetching < filesAtOnce) {
      this.#fetching += 1;
      return;
    }
    await new Promise<void>((resolve) => this.#waitingForRoom.push(resolve));
  }

  #leave(): void {
    const next = this.#waitingForRoom.shift();
    if (next === undefined) this.#fetching -= 1;
    else next();
  }

  #remember(id: string): void {
    this.#remembered.add(id);
    if (this.#remembered.size <= mostRemembered) return;
    for (const oldest of this.#remembered) {
      this.#remembered.delete(oldest);
      return;
    }
  }
}
