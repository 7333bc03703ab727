import type { Update } from "grammy/types";
import { AppError } from "../../errors.ts";
import type { InboxPort } from "../../messaging/inbox.ts";
import type { PlatformEvent } from "../../messaging/platform-event.ts";
import { failureOf, type TelegramApi } from "./api.ts";
import type { BotIdentity } from "./group-address.ts";
import { type Reading, readUpdate } from "./receive.ts";
import { expiredButton } from "./wording.ts";

/** Takes plain lines with ids and codes, never what somebody wrote. */
export interface ChannelLogger {
  debug(details: Readonly<Record<string, unknown>>, message: string): void;
  info(details: Readonly<Record<string, unknown>>, message: string): void;
  warn(details: Readonly<Record<string, unknown>>, message: string): void;
  error(details: Readonly<Record<string, unknown>>, message: string): void;
}

export interface TakeInParts {
  readonly api: TelegramApi;
  readonly inbox: InboxPort;
  readonly logger: ChannelLogger;
}

/** So many times a batch is refused as a whole before its updates are stored one by one. */
const mostRefusals = 4;

/**
 * Stores what updates say, all of it or nothing, in one call. When it resolves the updates may be confirmed; what it
 * leaves out it names in the log. Pressed buttons are answered afterwards, without anybody waiting for that.
 */
export class TakeIn {
  readonly #parts: TakeInParts;
  readonly #answers = new Set<Promise<void>>();
  #refusals = 0;

  constructor(parts: TakeInParts) {
    this.#parts = parts;
  }

  async store(updates: readonly unknown[], bot: BotIdentity, signal: AbortSignal): Promise<void> {
    const readings = updates.map((update) => this.#read(update, bot));
    const events: PlatformEvent[] = readings.flatMap(({ event }) => (event === undefined ? [] : [event]));
    if (events.length > 0) await this.#storeEvents(events, updates);
    for (const { pressed } of readings) {
      if (pressed !== undefined) this.#answer(pressed, signal);
    }
  }

  /**
   * A batch that the store refuses again and again, although the store is there, holds something that cannot be
   * stored: it is left out by itself, so that everybody else is heard.
   */
  async #storeEvents(events: readonly PlatformEvent[], updates: readonly unknown[]): Promise<void> {
    const { inbox, logger } = this.#parts;
    try {
      await inbox.receiveEvents("telegram", events);
    } catch (error) {
      this.#refusals = isAway(error) ? 0 : this.#refusals + 1;
      if (this.#refusals < mostRefusals) throw error;
      for (const event of events) {
        await inbox.receiveEvents("telegram", [event]).catch((err: unknown) => {
          if (isAway(err)) throw err;
          const from = sketch(updates[0]).updateId;
          logger.error(
            { channel: "telegram", err, batchFrom: from, type: event.type },
            "a message is left out: it cannot be stored",
          );
        });
      }
    }
    this.#refusals = 0;
  }

  /** Resolves when no button is being answered any more. */
  async settle(): Promise<void> {
    await Promise.all(this.#answers);
  }

  #read(update: unknown, bot: BotIdentity): Reading {
    const { logger } = this.#parts;
    try {
      const reading = readUpdate(update as Update, bot);
      if (reading.passedOver === undefined) return reading;
      // Members who talk to each other are no news; what nobody here knows is.
      const level = reading.passedOver.startsWith("unknown") ? "warn" : "debug";
      logger[level](
        { channel: "telegram", ...sketch(update), reason: reading.passedOver },
        "an update was passed over",
      );
      return reading;
    } catch {
      // The error may quote what it could not read.
      logger.warn(
        { channel: "telegram", ...sketch(update), reason: "unreadable" },
        "an update was passed over",
      );
      return {};
    }
  }

  #answer({ queryId, understood }: NonNullable<Reading["pressed"]>, signal: AbortSignal): void {
    const args = { callback_query_id: queryId, ...(understood ? {} : { text: expiredButton }) };
    const answered = this.#parts.api.call("answerCallbackQuery", args, { signal, withinMs: 5_000 }).then(
      () => undefined,
      (error: unknown) => {
        const failure = failureOf(error);
        this.#parts.logger.debug(
          { channel: "telegram", kind: failure?.kind },
          "a pressed button was not answered",
        );
      },
    );
    this.#answers.add(answered);
    void answered.then(() => this.#answers.delete(answered));
  }
}

const isAway = (error: unknown) => error instanceof AppError && error.code === "storage.unavailable";

/** The number of an update and the names of its fields: enough to know what came, nothing of what it says. */
function sketch(update: unknown): Record<string, unknown> {
  if (typeof update !== "object" || update === null) return { kinds: [typeof update] };
  const { update_id: updateId, ...rest } = update as Record<string, unknown>;
  return {
    updateId: typeof updateId === "number" ? updateId : undefined,
    kinds: Object.keys(rest)
      .filter((name) => /^[a-z_]{1,40}$/.test(name))
      .slice(0, 5),
  };
}
