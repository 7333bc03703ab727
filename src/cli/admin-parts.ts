import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { knowledgeFolder } from "../app.ts";
import { createTelegramApi } from "../channels/telegram/api.ts";
import { identify } from "../channels/telegram/introduce.ts";
import type { Config } from "../config.ts";
import type { DoorChannel } from "../doors/door-links.ts";
import { systemLookup } from "../integrations/webhook-address.ts";
import { readLocalData } from "../knowledge/documents/local-data.ts";
import { SqlApiKeyStore } from "../storage/api-key-store.ts";
import type { Database } from "../storage/database.ts";
import { SqlDoorStore } from "../storage/door-store.ts";
import { SqlEventLog } from "../storage/event-log.ts";
import { SqlRoadReports } from "../storage/road-reports.ts";
import { createSealer } from "../storage/sealer.ts";
import { SqlWebhookStore } from "../storage/webhook-store.ts";
import type { AdminParts } from "./admin-commands.ts";

/** Milliseconds for a question to a platform. */
const askWithin = 5_000;

/** What the admin's commands work on. `health`: where they run in the service. */
export function createAdminParts(
  config: Config,
  { db }: Pick<Database, "db">,
  health?: AdminParts["health"],
): AdminParts {
  const now = () => new Date();
  const newId = () => randomUUID();
  const bytes = (length: number) => randomBytes(length);
  const { telegram, wechat, publicUrl } = config;
  const channels: DoorChannel[] = ["web"];
  if (telegram !== undefined) channels.push("telegram");
  if (wechat !== undefined) channels.push("wechat");
  return {
    doors: new SqlDoorStore({ db, now }),
    districts: async () =>
      (await readLocalData(join(knowledgeFolder(config), "local", config.federation))).districts,
    addresses: {
      ...(publicUrl === undefined ? {} : { publicUrl }),
      ...(telegram === undefined ? {} : { telegramBot: () => botName(telegram) }),
    },
    doorChannels: channels,
    randomBytes: bytes,
    reports: new SqlRoadReports({ db }),
    events: new SqlEventLog({ db, now }),
    ...(health === undefined ? {} : { health }),
    apiKeys: { store: new SqlApiKeyStore({ db }), newId, randomBytes: bytes, now },
    webhooks: {
      store: new SqlWebhookStore({ db, sealer: createSealer(config.encryptionKey), newId, now }),
      lookup: systemLookup,
      allowPrivate: config.webhooksToPrivate,
      randomBytes: bytes,
    },
  };
}

async function botName(telegram: NonNullable<Config["telegram"]>): Promise<string> {
  const { username } = await identify(createTelegramApi(telegram), AbortSignal.timeout(askWithin));
  return username;
}
