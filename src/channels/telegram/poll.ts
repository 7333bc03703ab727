import { failureOf, type TelegramApi } from "./api.ts";
import type { BotIdentity } from "./group-address.ts";
import { updateKinds } from "./receive.ts";
import { type HealthRecord, type Pace, pause, setbackOf } from "./setback.ts";
import type { ChannelLogger, TakeIn } from "./take-in.ts";

export interface PollParts {
  readonly api: TelegramApi;
  readonly takeIn: TakeIn;
  readonly health: HealthRecord;
  readonly logger: ChannelLogger;
  readonly pace: Pace;
  readonly random: () => number;
  /** Monotonic milliseconds. */
  readonly ticks: () => number;
  /** Seconds that Telegram holds a poll open while nothing comes. */
  readonly pollSeconds: number;
  /** Asks who the bot is and makes it pollable. */
  readonly prepare: (signal: AbortSignal) => Promise<BotIdentity>;
}

const mostUpdates = 100;
/** Milliseconds that an answer may take beyond the time for which Telegram holds the poll. */
const grace = 10_000;
/** Milliseconds between two empty polls at least: a server that does not hold polls is not asked without end. */
const leastBetween = 250;
/**
 * After a week without updates Telegram numbers them anew from a random start, which may be below the offset. After
 * this time it is asked for whatever is unconfirmed.
 */
const offsetHoldsMs = 6 * 24 * 3_600_000;

/**
 * Polls until the signal aborts. A batch is stored in one transaction, and only the next poll confirms it to Telegram:
 * a process that dies in between gets it again, and the inbox knows it.
 */
export async function pollUpdates(parts: PollParts, signal: AbortSignal): Promise<void> {
  const { api, takeIn, health, logger, pace, random, ticks, pollSeconds } = parts;
  let bot: BotIdentity | undefined;
  let offset: number | undefined;
  let lastUpdate = ticks();
  let faults = 0;

  async function pollOnce(): Promise<void> {
    bot ??= await parts.prepare(signal);
    if (offset !== undefined && ticks() - lastUpdate > offsetHoldsMs) offset = undefined;
    const begun = ticks();
    const answer: unknown = await api.call(
      "getUpdates",
      {
        limit: mostUpdates,
        // The first poll says that it works, and must not take its time for that.
        timeout: health.current.state === "ready" ? pollSeconds : 0,
        allowed_updates: updateKinds,
        ...(offset === undefined ? {} : { offset }),
      },
      { signal, withinMs: pollSeconds * 1_000 + grace },
    );
    const updates = newUpdates(answer, offset);
    if (updates.length === 0) {
      received();
      const early = leastBetween - (ticks() - begun);
      if (early > 0) await pause(early, signal);
      return;
    }
    await takeIn.store(updates, bot, signal);
    received();
    lastUpdate = ticks();
    offset = Math.max(...updates.map(({ update_id }) => update_id)) + 1;
  }

  function received(): void {
    faults = 0;
    if (health.set("ready")) logger.info({ channel: "telegram", botId: bot?.id }, "the channel receives");
  }

  while (!signal.aborted) {
    try {
      await pollOnce();
    } catch (error) {
      if (signal.aborted) return;
      faults += 1;
      const { state, reason, waitMs } = setbackOf(error, faults, pace, random);
      if (health.set(state, reason)) {
        // What is no answer of Telegram is a fault of this side: its cause must be seen.
        const cause = failureOf(error) === undefined ? { err: error } : {};
        logger.warn({ channel: "telegram", state, reason, ...cause }, "the channel is disturbed");
      }
      await pause(waitMs, signal);
    }
  }
}

/** The updates of an answer that were not confirmed yet. One without a number cannot be confirmed and is left. */
function newUpdates(answer: unknown, offset: number | undefined): { update_id: number }[] {
  if (!Array.isArray(answer)) return [];
  return answer.filter(
    (update): update is { update_id: number } =>
      Number.isSafeInteger(update?.update_id) && (offset === undefined || update.update_id >= offset),
  );
}
