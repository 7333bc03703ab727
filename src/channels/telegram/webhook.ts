import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { TelegramApi } from "./api.ts";
import type { BotIdentity } from "./group-address.ts";
import { updateKinds } from "./receive.ts";
import { type HealthRecord, type Pace, pause, setbackOf } from "./setback.ts";
import type { ChannelLogger, TakeIn } from "./take-in.ts";
import { createVerifySecret } from "./verify.ts";

export const webhookPath = "/api/telegram/webhook";

/** Largest body of one update, in bytes. A text of 4 096 characters with all its marks is far below. */
const largestUpdate = 256 * 1024;

export interface WebhookParts {
  readonly takeIn: TakeIn;
  readonly logger: ChannelLogger;
  readonly secret: string;
  /** Who the bot is and until when it receives; undefined while it does not. */
  readonly receiving: () => { readonly bot: BotIdentity; readonly signal: AbortSignal } | undefined;
}

/**
 * Adds the address at which Telegram hands in updates. 200 means stored (or known already, or nothing for us); on 503
 * Telegram sends the update again.
 */
export function mountWebhook(app: OpenAPIHono, { takeIn, logger, secret, receiving }: WebhookParts): void {
  const verify = createVerifySecret(secret);
  app.post(webhookPath, async (c) => {
    if (!verify(c.req.header("x-telegram-bot-api-secret-token"))) {
      logger.warn({ channel: "telegram" }, "a webhook request without the right secret was refused");
      return refuse(c, 401, "channel.unverified");
    }
    const body = await readBody(c);
    if (body === undefined) return refuse(c, 413, "http.too_large");
    const update = readJson(body);
    if (!isUpdate(update)) return refuse(c, 400, "http.bad_request");
    const now = receiving();
    if (now === undefined) return refuse(c, 503, "channel.unavailable");
    try {
      await takeIn.store([update], now.bot, now.signal);
    } catch (err) {
      logger.error(
        { channel: "telegram", err },
        "an update could not be stored; Telegram will send it again",
      );
      return refuse(c, 503, "storage.unavailable");
    }
    return c.body(null, 200);
  });
}

function refuse(c: Context, status: 400 | 401 | 413 | 503, code: string): Response {
  return c.json({ error: { code } }, status);
}

async function readBody(c: Context): Promise<Uint8Array | undefined> {
  if (Number(c.req.header("content-length") ?? 0) > largestUpdate) return undefined;
  // A middleware in front of this route has read and limited it already.
  if (c.req.raw.bodyUsed) return new Uint8Array(await c.req.arrayBuffer());
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of c.req.raw.body ?? []) {
    size += chunk.byteLength;
    if (size > largestUpdate) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function readJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

function isUpdate(value: unknown): value is { update_id: number } {
  return (
    typeof value === "object" &&
    value !== null &&
    "update_id" in value &&
    Number.isSafeInteger(value.update_id)
  );
}

export interface WebhookWatchParts {
  readonly api: TelegramApi;
  readonly health: HealthRecord;
  readonly logger: ChannelLogger;
  readonly pace: Pace;
  readonly random: () => number;
  readonly secret: string;
  /** The whole address of the webhook; absent where somebody else sets it. */
  readonly url?: string;
  /** Milliseconds between two looks at how Telegram gets on with it. */
  readonly lookMs: number;
  /** Asks who the bot is; from then on updates are taken. */
  readonly prepare: (signal: AbortSignal) => Promise<unknown>;
}

/** Sets the webhook and watches it until the signal aborts: set aside by somebody, or not reached by Telegram. */
export async function watchWebhook(parts: WebhookWatchParts, signal: AbortSignal): Promise<void> {
  const { api, health, logger, pace, random, url, lookMs } = parts;
  let prepared = false;
  let faults = 0;
  let lastErrorDate: number | undefined;

  async function look(): Promise<string | undefined> {
    if (!prepared) await parts.prepare(signal);
    prepared = true;
    const info = await api.call("getWebhookInfo", {}, { signal });
    const errorBefore = lastErrorDate;
    lastErrorDate = info.last_error_date ?? 0;
    if (url === undefined) return info.url ? undefined : "No webhook is set for this bot. Set PUBLIC_URL.";
    if (info.url !== url || errorBefore === undefined) {
      // Also at every start: the secret and the kinds of updates cannot be looked up.
      await api.call(
        "setWebhook",
        { url, secret_token: parts.secret, allowed_updates: updateKinds },
        { signal },
      );
      return undefined;
    }
    const failedSince = lastErrorDate > errorBefore && info.pending_update_count > 0;
    return failedSince ? `Telegram cannot deliver to the webhook: ${info.last_error_message}.` : undefined;
  }

  while (!signal.aborted) {
    try {
      const fault = await look();
      faults = 0;
      const changed = fault === undefined ? health.set("ready") : health.set("degraded", fault);
      if (changed) logger.info({ channel: "telegram", ...health.current }, "the webhook was looked at");
      await pause(lookMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      faults += 1;
      const { state, reason, waitMs } = setbackOf(error, faults, pace, random);
      if (health.set(state, reason))
        logger.warn({ channel: "telegram", state, reason }, "the channel is disturbed");
      await pause(waitMs, signal);
    }
  }
}
