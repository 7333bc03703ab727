import { randomBytes, randomUUID } from "node:crypto";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Config } from "../config.ts";
import { createRateLimiter } from "../http/rate-limiter.ts";
import { createIntegrationsApi } from "../integrations/integrations-api.ts";
import { createWebhookPost } from "../integrations/post-webhook.ts";
import { createRequireScope } from "../integrations/require-scope.ts";
import { createVerifyApiKey } from "../integrations/verify-api-key.ts";
import { systemLookup } from "../integrations/webhook-address.ts";
import { createWebhookSender, type WebhookSender } from "../integrations/webhook-sender.ts";
import { SqlApiKeyStore } from "../storage/api-key-store.ts";
import { SqlConversationList } from "../storage/conversation-list.ts";
import type { Database } from "../storage/database.ts";
import type { Sealer } from "../storage/sealer.ts";
import { webhooksChanged } from "../storage/webhook-events.ts";
import { SqlWebhookQueue } from "../storage/webhook-queue.ts";
import { SqlWebhookStore } from "../storage/webhook-store.ts";
import type { Logger } from "../telemetry/logger.ts";
import { processName, type Road } from "./road.ts";

export interface Integrations {
  /** Whether any webhook endpoint wants to be told; true until it is known. */
  anyEndpoint(): boolean;
  /** The routes for other systems, over the road's conversations. */
  mount(road: Road): (app: OpenAPIHono) => void;
  start(road: Road): Promise<void>;
  stop(deadlineMs: number): Promise<void>;
}

/** API requests of one key in a minute. */
const requestsPerMinute = 600;

/** What other systems may ask for, and how they are told. */
export function createIntegrations(
  config: Config,
  database: Database,
  sealer: Sealer,
  logger: Logger,
): Integrations {
  const { db } = database;
  const now = () => new Date();
  const rules = { lookup: systemLookup, allowPrivate: config.webhooksToPrivate };
  const http = createWebhookPost(rules);
  let sender: WebhookSender | undefined;
  return {
    anyEndpoint: () => sender?.anyEndpoint() ?? true,
    mount: ({ conversations }) => {
      const keys = new SqlApiKeyStore({ db });
      return createIntegrationsApi({
        list: new SqlConversationList({ db }),
        conversations,
        webhooks: {
          ...rules,
          store: new SqlWebhookStore({ db, sealer, newId: () => randomUUID(), now }),
          randomBytes: (length) => randomBytes(length),
        },
        requireScope: createRequireScope({
          verify: createVerifyApiKey({ store: keys, now: () => performance.now() }),
          limit: createRateLimiter({ perMinute: requestsPerMinute }),
        }),
      });
    },
    start: async ({ lanes }) => {
      const queue = new SqlWebhookQueue({ db, sealer, now });
      const running = createWebhookSender({
        queue,
        lanes,
        http,
        owner: processName,
        now,
        random: Math.random,
        logger,
      });
      sender = running;
      await database.listen(webhooksChanged, () => running.wake());
      running.start();
    },
    stop: async (deadlineMs) => {
      await sender?.stop(deadlineMs);
      http.close();
    },
  };
}
