import type { OpenAPIHono } from "@hono/zod-openapi";
import type { InboxPort } from "../../messaging/inbox.ts";
import type { Channel, ChannelCapabilities } from "../channel.ts";
import { createTelegramApi, failureOf, type TelegramSettings } from "./api.ts";
import { fetchFile } from "./fetch-file.ts";
import type { BotIdentity } from "./group-address.ts";
import { identify, setCommandMenus } from "./introduce.ts";
import { pollUpdates } from "./poll.ts";
import { longestText } from "./render-message.ts";
import { createTelegramSender } from "./send.ts";
import { HealthRecord, type Pace, usualPace } from "./setback.ts";
import { type ChannelLogger, TakeIn } from "./take-in.ts";
import { mountWebhook, watchWebhook, webhookPath } from "./webhook.ts";

export interface TelegramChannelOptions {
  readonly settings: TelegramSettings;
  /** How Telegram reaches this service by webhook, without a slash at the end. Absent: the operator sets the webhook. */
  readonly publicUrl?: string;
  readonly inbox: InboxPort;
  readonly logger: ChannelLogger;
  readonly now: () => Date;
  /** Monotonic milliseconds. Default `performance.now`. */
  readonly ticks?: () => number;
  /** From 0 to 1: spreads retries. Default `Math.random`. */
  readonly random?: () => number;
  /** How long is waited after faults. Default from 0.5 s to 30 s. */
  readonly pace?: Pace;
  /** Seconds that a poll is held open. Default 25. */
  readonly pollSeconds?: number;
  /** Milliseconds between two looks at the webhook. Default 60 000. */
  readonly lookMs?: number;
}

export interface TelegramChannel extends Channel {
  /** With a webhook: adds its address. */
  readonly mount?: (app: OpenAPIHono) => void;
}

const capabilities: ChannelCapabilities = {
  longestText,
  sources: "footnotes",
  quickReplies: "buttons",
  receives: ["photo", "voice", "video", "file", "location", "sticker"],
  edits: true,
  // Telegram does not tell bots of them.
  deletions: false,
  groups: true,
  typing: true,
  previews: true,
  confirms: false,
};

/**
 * Telegram as a channel. With `webhookSecret` updates come by webhook, to any number of replicas; without it they are
 * polled, by one process at a time.
 */
export function createTelegramChannel({
  settings,
  publicUrl,
  inbox,
  logger,
  now,
  ticks = () => performance.now(),
  random = Math.random,
  pace = usualPace,
  pollSeconds = 25,
  lookMs = 60_000,
}: TelegramChannelOptions): TelegramChannel {
  const api = createTelegramApi(settings);
  const takeIn = new TakeIn({ api, inbox, logger });
  const health = new HealthRecord(now);
  const secret = settings.webhookSecret;
  let bot: BotIdentity | undefined;
  let menus: Promise<void> | undefined;
  let running: { readonly controller: AbortController; readonly ended: Promise<void> } | undefined;

  async function prepare(signal: AbortSignal): Promise<BotIdentity> {
    const identity = await identify(api, signal);
    // A bot with a webhook cannot be polled; what waits for the webhook is kept.
    if (secret === undefined) await api.call("deleteWebhook", { drop_pending_updates: false }, { signal });
    // Receiving does not wait for the menu.
    menus = setCommandMenus(api, signal).catch((error: unknown) => {
      const failure = failureOf(error);
      logger.warn({ channel: "telegram", kind: failure?.kind }, "the menu of commands was not set");
    });
    bot = identity;
    return identity;
  }

  function receive(signal: AbortSignal): Promise<void> {
    if (secret === undefined) {
      return pollUpdates({ api, takeIn, health, logger, pace, random, ticks, pollSeconds, prepare }, signal);
    }
    const url = publicUrl === undefined ? {} : { url: `${publicUrl}${webhookPath}` };
    return watchWebhook({ api, health, logger, pace, random, secret, lookMs, prepare, ...url }, signal);
  }

  return {
    name: "telegram",
    capabilities,
    sender: createTelegramSender({ api, settings, ticks }),
    exclusive: secret === undefined,

    async start() {
      if (running !== undefined) return;
      const controller = new AbortController();
      running = { controller, ended: receive(controller.signal) };
    },

    async stop() {
      const stopped = running;
      running = undefined;
      stopped?.controller.abort();
      await stopped?.ended;
      await Promise.all([menus, takeIn.settle()]);
      health.set("starting");
    },

    health: () => health.current,
    fetchFile: (reference, signal) => fetchFile(api, reference, signal),

    ...(secret === undefined
      ? {}
      : {
          mount: (app: OpenAPIHono) =>
            mountWebhook(app, {
              takeIn,
              logger,
              secret,
              receiving: () =>
                bot === undefined || running === undefined
                  ? undefined
                  : { bot, signal: running.controller.signal },
            }),
        }),
  };
}
