import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepOrRefuse } from "../../../src/attachments/keep-file.ts";
import { createWebChannel, type WebChannelOptions } from "../../../src/channels/web/channel.ts";
import { createHttpApp, type HttpAppOptions } from "../../../src/http/http-app.ts";
import { createRateLimiter } from "../../../src/http/rate-limiter.ts";
import { startServer } from "../../../src/http/server.ts";
import type { TurnHandler } from "../../../src/messaging/turn-handler.ts";
import { SqlAttachmentStore } from "../../../src/storage/attachment-store.ts";
import type { Database } from "../../../src/storage/database.ts";
import { createFolderFiles } from "../../../src/storage/file-folder.ts";
import { conversationChanged } from "../../../src/storage/turn-queries.ts";
import { createLogger } from "../../../src/telemetry/logger.ts";
import { createMetrics } from "../../../src/telemetry/metrics.ts";
import { openStores } from "../../support/open-stores.ts";
import { buildRoad, recordRoad } from "../../support/road.ts";

export interface ServiceOptions {
  readonly database: Database;
  readonly handler: TurnHandler;
  readonly app?: Partial<HttpAppOptions>;
  readonly channel?: Partial<WebChannelOptions>;
}

/** The whole HTTP side of the service and the road behind it, on a real database, real files and a real port. */
export async function startService({ database, handler, app, channel }: ServiceOptions) {
  const stores = openStores(database);
  const { conversations, visitors } = stores;
  const folder = await mkdtemp(join(tmpdir(), "niangjia-files-"));
  const files = await createFolderFiles(folder);
  const log: string[] = [];
  const logger = createLogger({ level: "debug", stream: { write: (line) => log.push(line) } });
  const metrics = createMetrics({ version: "0.0.0" });
  const now = () => new Date();
  const { turns, inbox, events } = buildRoad(stores, handler, recordRoad());
  const unlisten = await database.listen(conversationChanged, (id) =>
    events.publish(id, { type: "message" }),
  );
  turns.start();
  const web = createWebChannel({
    conversations,
    visitors,
    inbox,
    events,
    uploads: new SqlAttachmentStore({ db: database.db, now }),
    files,
    keepUpload: (upload, content, mostBytes) => keepOrRefuse(files, upload, content, mostBytes),
    messageLimit: createRateLimiter({ perMinute: 1_000 }),
    uploadLimit: createRateLimiter({ perMinute: 1_000 }),
    longestFile: 1024 * 1024,
    randomBytes,
    newId: randomUUID,
    now,
    logger,
    observer: metrics,
    ...channel,
  });
  await web.start();
  const server = await startServer({
    host: "127.0.0.1",
    port: 0,
    endStreams: () => web.endStreams(),
    app: createHttpApp({
      routes: [web.mount],
      rawPaths: web.rawPaths,
      about: () => ({
        federation: "重庆市总工会",
        assistant: "娘家人",
        hotlines: [{ number: "12351", name: "职工维权热线", purpose: "维权咨询" }],
        examples: ["没签合同怎么办"],
        limits: { messageCharacters: 4_000 },
      }),
      findPassage: async () => undefined,
      health: {
        storage: { required: true, check: () => "ok" },
        knowledge: { required: true, check: () => "ok" },
        model: { required: false, check: () => "off" },
      },
      metrics,
      logger,
      addressLimit: createRateLimiter({ perMinute: 10_000 }),
      trustProxy: false,
      pagesDir: "tests/integration/http/no-pages",
      newId: randomUUID,
      now: () => performance.now(),
      version: "0.0.0",
      ...app,
    }),
  });
  return {
    server,
    url: server.url,
    events,
    inbox,
    conversations,
    visitors,
    files,
    log,
    metrics,
    /** Ends everything that runs, and what it kept outside of the database. */
    stop: async (deadlineMs = 0) => {
      await server.stop(deadlineMs);
      await turns.stop(deadlineMs);
      // Some tests are about a database that is gone.
      await unlisten().catch(() => {});
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type Service = Awaited<ReturnType<typeof startService>>;

/** A visitor of the page, by the API that the page uses. */
export async function openVisitor(url: string) {
  const response = await fetch(`${url}/api/visitors`, { method: "POST" });
  const { token, conversationId } = (await response.json()) as { token: string; conversationId: string };
  const authorization = `Bearer ${token}`;
  const send = (path: string, body: string | Uint8Array<ArrayBuffer>, type = "application/json") =>
    fetch(`${url}${path}`, { method: "POST", body, headers: { authorization, "content-type": type } });
  return {
    token,
    conversationId,
    status: response.status,
    get: (path: string, headers: Record<string, string> = {}, signal?: AbortSignal) =>
      fetch(`${url}${path}`, { headers: { ...headers, authorization }, ...(signal ? { signal } : {}) }),
    send,
    say: (text: string, clientId: string = randomUUID()) =>
      send("/api/messages", JSON.stringify({ clientId, text })),
  };
}

export type Visitor = Awaited<ReturnType<typeof openVisitor>>;

export interface SentEvent {
  readonly event?: string;
  readonly id?: string;
  readonly data?: Record<string, unknown>;
  readonly comment?: string;
}

/** Reads server-sent events one by one. */
export async function* readEvents(response: Response): AsyncGenerator<SentEvent, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of response.body ?? []) {
    rest += decoder.decode(bytes, { stream: true });
    const frames = rest.split("\n\n");
    rest = frames.pop() ?? "";
    for (const frame of frames) {
      yield parseFrame(frame);
    }
  }
}

function parseFrame(frame: string): SentEvent {
  if (frame.startsWith(":")) {
    return { comment: frame.slice(1).trim() };
  }
  const fields = Object.fromEntries(frame.split("\n").map((line) => line.split(/: (.*)/s)));
  return { event: fields.event, id: fields.id, ...(fields.data ? { data: JSON.parse(fields.data) } : {}) };
}
