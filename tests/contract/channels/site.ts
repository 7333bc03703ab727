import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { AttachmentPreparer } from "../../../src/attachments/prepare-attachments.ts";
import type { Channel } from "../../../src/channels/channel.ts";
import { readConfig } from "../../../src/config.ts";
import type { FileStore } from "../../../src/messaging/file-store.ts";
import type { StoredMessage } from "../../../src/messaging/message.ts";
import type {
  TurnHandler,
  TurnInput,
  TurnProgress,
  TurnResult,
} from "../../../src/messaging/turn-handler.ts";
import { createRoad, type Road } from "../../../src/service/road.ts";
import { SqlAttachmentStore } from "../../../src/storage/attachment-store.ts";
import type { Database } from "../../../src/storage/database.ts";
import { createFolderFiles } from "../../../src/storage/file-folder.ts";
import { createSealer } from "../../../src/storage/sealer.ts";
import { SqlVisitorStore } from "../../../src/storage/visitor-store.ts";
import { createLogger, type Logger } from "../../../src/telemetry/logger.ts";
import { createMetrics, type Metrics } from "../../../src/telemetry/metrics.ts";

/** Bytes of the largest file that is kept here. */
export const longestFile = 200_000;

/** What a turn is made of here: a script of the test, or the product's own turn. */
export type Script = (
  input: TurnInput,
  signal: AbortSignal,
  progress: TurnProgress,
) => Promise<TurnResult> | TurnResult;

/** One process of the service with one channel: the real road, stores, files and attachments on a real database. */
export interface Site {
  readonly database: Database;
  readonly road: Road;
  readonly files: FileStore;
  readonly attachments: SqlAttachmentStore;
  readonly visitors: SqlVisitorStore;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Every line of the log. */
  readonly log: readonly string[];
  /** What every turn was given, oldest first. */
  readonly turns: readonly TurnInput[];
  readonly channel: Channel;
  /** As the end of the process would be: turns are cut off. */
  stop(deadlineMs?: number): Promise<void>;
}

export interface SiteOptions {
  readonly database: Database;
  readonly folder: string;
  readonly handler: TurnHandler | Script;
  readonly connect: (site: Site) => Promise<Channel>;
  readonly burstMs?: number;
}

/** Opens the site and starts its channel; resolves when the channel is ready. */
export async function openSite(options: SiteOptions): Promise<Site> {
  const { database, folder, burstMs = 0 } = options;
  const log: string[] = [];
  const logger = createLogger({ level: "debug", stream: { write: (line) => log.push(line) } });
  const metrics = createMetrics({ version: "0.0.0" });
  const sealer = createSealer();
  const files = await createFolderFiles(folder);
  const attachments = new SqlAttachmentStore({ db: database.db, now: () => new Date() });
  const preparer = new AttachmentPreparer({
    files,
    store: attachments,
    readers: [],
    mostBytes: longestFile,
    logger,
  });
  const turns: TurnInput[] = [];
  const { handler } = options;
  const fetchFile: Channel["fetchFile"] = (reference, signal) =>
    site.channel.fetchFile?.(reference, signal) ?? Promise.reject(new Error("no files here"));
  const road = createRoad({
    config: readConfig({ BURST_MS: String(burstMs), MESSAGES_PER_CONTACT_PER_MINUTE: "1000" }),
    database,
    sealer,
    handler: {
      handle: async (input, progress, signal) => {
        turns.push(input);
        return typeof handler === "function"
          ? handler(input, signal, progress)
          : handler.handle(input, progress, signal);
      },
    },
    prepare: ({ messages }, signal) => preparer.prepare(messages, fetchFile, signal),
    wording: {
      apology: () => "抱歉，出了点问题，请打 12351。",
      busy: () => "人多，请等等。",
      tooFast: () => "您发得太快了。",
    },
    webhooks: () => false,
    logger,
    observer: metrics,
  });
  let channel: Channel | undefined;
  const site: Site = {
    database,
    road,
    files,
    attachments,
    visitors: new SqlVisitorStore({ db: database.db, now: () => new Date() }),
    logger,
    metrics,
    log,
    turns,
    get channel() {
      if (channel === undefined) throw new Error("The channel is not connected yet.");
      return channel;
    },
    stop: async (deadlineMs = 0) => {
      await channel?.stop();
      await road.stop(deadlineMs);
    },
  };
  const connected = await options.connect(site);
  channel = connected;
  const isUp = () => ["ready", "degraded"].includes(connected.health().state);
  road.join(connected, isUp);
  await road.start();
  await connected.start();
  for (const end = Date.now() + 30_000; !isUp(); ) {
    if (Date.now() > end) throw new Error(`${connected.name} is not ready: ${connected.health().reason}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  road.wakeOutbox(connected.name);
  return site;
}

/** A folder for files that is removed afterwards. */
export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "niangjia-channels-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** What stands in the database, apart from what the system holds by itself. */
export async function storedMessages({ database }: Site): Promise<Pick<StoredMessage, "sender" | "text">[]> {
  return database.db.selectFrom("messages").select(["sender", "text"]).orderBy("seq").execute();
}

/** Messages that wait for a turn, and messages that wait to be sent. */
export async function waiting({ database }: Site): Promise<{ turns: number; sends: number }> {
  const { rows } = await sql<{ turns: string; sends: string }>`
    select
      (select count(*) from messages where sender = 'contact' and answered_at is null)::text as turns,
      (select count(*) from deliveries where state in ('queued', 'sending'))::text as sends`.execute(
    database.db,
  );
  return { turns: Number(rows[0]?.turns), sends: Number(rows[0]?.sends) };
}

/** Replies with these texts. */
export const says = (...texts: readonly string[]): TurnResult => ({
  replies: texts.map((text) => ({ sender: "bot", text })),
});
