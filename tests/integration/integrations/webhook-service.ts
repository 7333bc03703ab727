import { randomUUID } from "node:crypto";
import { createWebhookPost } from "../../../src/integrations/post-webhook.ts";
import type { WebhookEventType } from "../../../src/integrations/webhook-event.ts";
import {
  createWebhookSender,
  type WebhookSender,
  type WebhookSenderOptions,
} from "../../../src/integrations/webhook-sender.ts";
import type { Database } from "../../../src/storage/database.ts";
import { SqlLaneStore } from "../../../src/storage/lane-store.ts";
import { createSealer } from "../../../src/storage/sealer.ts";
import { insertWebhookEvents, webhooksChanged } from "../../../src/storage/webhook-events.ts";
import { SqlWebhookQueue } from "../../../src/storage/webhook-queue.ts";
import { SqlWebhookStore } from "../../../src/storage/webhook-store.ts";
import { createLogger } from "../../../src/telemetry/logger.ts";

export const secret = "whsec_test";

/** What the service does with webhooks, on a real database, with short times. */
export function openWebhooks({ db }: Pick<Database, "db">) {
  const sealer = createSealer(new Uint8Array(32).fill(1));
  const now = () => new Date();
  const store = new SqlWebhookStore({ db, sealer, newId: randomUUID, now });
  const queue = new SqlWebhookQueue({ db, sealer, now });
  const log: string[] = [];
  const logger = createLogger({ level: "warn", stream: { write: (line) => log.push(line) } });
  return {
    store,
    queue,
    lanes: new SqlLaneStore({ db }),
    logger,
    log,
    add: async (url: string, events: WebhookEventType[] = ["conversation.replied"]) =>
      (await store.add({ url, events }, secret)).id,
    tell: (conversationId: string, at = now()) =>
      insertWebhookEvents(db, "conversation.replied", { conversationId }, at),
    states: async (endpointId: string) => {
      const deliveries = await store.deliveries(endpointId, { limit: 200 });
      return deliveries.reverse().map(({ state }) => state);
    },
  };
}

export type Webhooks = ReturnType<typeof openWebhooks>;

export interface RunningSender extends WebhookSender {
  /** Ends it as the service does. */
  end(): Promise<void>;
}

/** A sender that runs and hears the database, as in the service. */
export async function runSender(
  database: Pick<Database, "db" | "listen">,
  webhooks: Webhooks,
  { timeoutMs = 5_000, ...options }: Partial<WebhookSenderOptions> & { readonly timeoutMs?: number } = {},
): Promise<RunningSender> {
  const { queue, lanes, logger } = webhooks;
  const http = createWebhookPost({
    allowPrivate: true,
    lookup: async () => [{ address: "127.0.0.1", family: 4 }],
    timeoutMs,
  });
  const sender = createWebhookSender({
    queue,
    lanes,
    logger,
    http,
    owner: randomUUID(),
    now: () => new Date(),
    random: () => 1,
    ...options,
    times: { firstBackOff: 5, longestBackOff: 20, poll: 50, quiet: 1, ...options.times },
  });
  const stopListening = await database.listen(webhooksChanged, () => sender.wake());
  sender.start();
  return {
    ...sender,
    end: async () => {
      await stopListening();
      await sender.stop(1_000);
      http.close();
    },
  };
}

/** Resolves when the question is answered with yes; asked again and again. */
export async function until(question: () => Promise<boolean>): Promise<void> {
  while (!(await question())) await new Promise((resolve) => setTimeout(resolve, 10));
}
