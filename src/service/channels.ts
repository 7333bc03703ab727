import { randomUUID } from "node:crypto";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Channel } from "../channels/channel.ts";
import { createTelegramChannel } from "../channels/telegram/channel.ts";
import { webhookPath as telegramWebhook } from "../channels/telegram/webhook.ts";
import { createWebChannel, type WebChannel } from "../channels/web/channel.ts";
import { createWechatChannel } from "../channels/wechat/channel.ts";
import { webhookPath as wechatWebhook } from "../channels/wechat/official-account/channel.ts";
import type { Config } from "../config.ts";
import { createRateLimiter } from "../http/rate-limiter.ts";
import type { Database } from "../storage/database.ts";
import { SqlVisitorStore } from "../storage/visitor-store.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Attachments } from "./attachments.ts";
import type { Road } from "./road.ts";

export interface ChannelsOptions {
  readonly config: Config;
  readonly database: Database;
  readonly road: Road;
  readonly attachments: Attachments;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly randomBytes: (length: number) => Uint8Array;
}

export interface Channels {
  readonly all: readonly Channel[];
  readonly web: WebChannel;
  readonly routes: readonly ((app: OpenAPIHono) => void)[];
  /** Paths whose bodies are no JSON, or which keep their own limits. */
  readonly rawPaths: readonly string[];
  /** Where platforms hand in what they receive. */
  readonly webhooks: readonly string[];
}

const webhooks = [telegramWebhook, wechatWebhook];

/** Uploads of one visitor in a minute. */
const uploadsPerMinute = 12;

/** Every channel that is configured; none is started yet. */
export async function createChannels(options: ChannelsOptions): Promise<Channels> {
  const { config, road, attachments, logger } = options;
  const web = createWeb(options);
  const all: Channel[] = [web];
  const routes = [web.mount];
  if (config.telegram !== undefined) {
    const telegram = createTelegramChannel({
      settings: config.telegram,
      ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }),
      inbox: road.inbox,
      logger,
      now: () => new Date(),
    });
    logger.warn(
      { channel: "telegram" },
      "Telegram's servers are abroad: what workers write there leaves the country, see SECURITY.md",
    );
    all.push(telegram);
    if (telegram.mount !== undefined) routes.push(telegram.mount);
  }
  if (config.wechat !== undefined) {
    const wechat = await createWechatChannel({
      settings: config.wechat,
      inbox: road.inbox,
      files: attachments.files,
      keepContent: attachments.keep,
      longestFile: config.files.longest,
      newId: () => randomUUID(),
      sendWaiting: (conversationId) => road.sendNow("wechat", conversationId),
      logger,
      now: () => new Date(),
      terminal: process.stderr,
    });
    all.push(wechat);
    if (wechat.mount !== undefined) routes.push(wechat.mount);
  }
  return { all, web, routes, rawPaths: [...web.rawPaths, ...webhooks], webhooks };
}

function createWeb({
  config,
  database,
  road,
  attachments,
  metrics,
  logger,
  randomBytes,
}: ChannelsOptions): WebChannel {
  return createWebChannel({
    conversations: road.conversations,
    visitors: new SqlVisitorStore({ db: database.db, now: () => new Date() }),
    inbox: road.inbox,
    events: road.events,
    messageLimit: createRateLimiter({ perMinute: config.messagesPerVisitorPerMinute }),
    uploads: attachments.store,
    files: attachments.files,
    keepUpload: attachments.keepUpload,
    uploadLimit: createRateLimiter({ perMinute: uploadsPerMinute }),
    longestFile: config.files.longest,
    identityKey: config.identityKey,
    newId: () => randomUUID(),
    now: () => new Date(),
    randomBytes,
    logger,
    observer: metrics,
  });
}
