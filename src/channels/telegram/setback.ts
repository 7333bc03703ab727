import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "../../errors.ts";
import type { ChannelHealth, ChannelState } from "../../messaging/channel-health.ts";
import { failureOf } from "./api.ts";

/** How long is waited after something went wrong; all in milliseconds. */
export interface Pace {
  /** After the first fault in a row; doubled with each, up to `mostMs`. */
  readonly firstMs: number;
  readonly mostMs: number;
  /** Where somebody must mend a setting first, or another process has the bot. */
  readonly slowMs: number;
}

export const usualPace: Pace = { firstMs: 500, mostMs: 30_000, slowMs: 30_000 };

/** So many faults in a row and the channel counts as down. */
const faultsUntilDown = 3;

/** How the channel is, and since when. */
export class HealthRecord {
  readonly #now: () => Date;
  #health: ChannelHealth;

  constructor(now: () => Date) {
    this.#now = now;
    this.#health = { state: "starting", since: now().toISOString() };
  }

  get current(): ChannelHealth {
    return this.#health;
  }

  /** True where the state or its reason is another one than before. */
  set(state: ChannelState, reason?: string): boolean {
    const { state: former, reason: formerReason, since } = this.#health;
    if (former === state && formerReason === reason) return false;
    this.#health = {
      state,
      since: former === state ? since : this.#now().toISOString(),
      ...(reason === undefined ? {} : { reason }),
    };
    return true;
  }
}

export interface Setback {
  readonly state: "degraded" | "down";
  /** Says what is wrong and, where somebody can act on it, what to do. */
  readonly reason: string;
  readonly waitMs: number;
}

/** What a fault of receiving means. `faults`: how many there were in a row, this one included. */
export function setbackOf(error: unknown, faults: number, pace: Pace, random: () => number): Setback {
  const failure = failureOf(error);
  const doubled = Math.min(pace.mostMs, pace.firstMs * 2 ** Math.min(faults - 1, 30));
  // Half of the wait is by chance: what failed together must not come back together.
  const waitMs = doubled / 2 + (random() * doubled) / 2;
  const state = faults >= faultsUntilDown ? "down" : "degraded";
  if (failure === undefined) {
    const code = error instanceof AppError ? ` (${error.code})` : "";
    return {
      state,
      reason: `What came in could not be stored${code}; Telegram is asked for it again.`,
      waitMs,
    };
  }
  if (failure.kind !== "refused") {
    return { state, reason: `Telegram cannot be reached (${failure.reason}).`, waitMs };
  }
  const { code, description, retryAfterMs } = failure;
  if (code === 401 || code === 404) {
    const reason = `Telegram does not know this bot (${code}). Set TELEGRAM_BOT_TOKEN as @BotFather shows it, and check TELEGRAM_API_ROOT.`;
    return { state: "down", reason, waitMs: pace.slowMs };
  }
  if (code === 409) {
    const reason = /webhook/i.test(description)
      ? "Another service set a webhook for this bot, so it cannot be polled. Give each service a bot of its own."
      : "Another process polls this bot. Stop it, or give each service a bot of its own.";
    return { state, reason, waitMs: Math.max(waitMs, Math.min(pace.slowMs, pace.firstMs * 10)) };
  }
  if (code === 429) {
    return { state: "degraded", reason: "Telegram asks to slow down.", waitMs: retryAfterMs ?? waitMs };
  }
  return { state, reason: `Telegram answers ${code} ${description}.`, waitMs };
}

/** Resolves after the wait, or at once when the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
