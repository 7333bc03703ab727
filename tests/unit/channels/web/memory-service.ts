import { randomBytes, randomUUID } from "node:crypto";
import { createWebChannel, type WebChannelOptions } from "../../../../src/channels/web/channel.ts";
import type { KeepUpload } from "../../../../src/channels/web/uploads.ts";
import { AppError } from "../../../../src/errors.ts";
import { createHttpApp, type HttpAppOptions } from "../../../../src/http/http-app.ts";
import { createRateLimiter } from "../../../../src/http/rate-limiter.ts";
import { startServer } from "../../../../src/http/server.ts";
import { ConversationEvents } from "../../../../src/messaging/conversation-events.ts";
import type { RefusalReason } from "../../../../src/messaging/refusal-reason.ts";
import { createLogger } from "../../../../src/telemetry/logger.ts";
import { createMetrics } from "../../../../src/telemetry/metrics.ts";
import { MemoryConversations, MemoryFiles, MemoryUploads, MemoryVisitors } from "./memory-ports.ts";

export interface MemoryServiceOptions {
  readonly channel?: Partial<WebChannelOptions>;
  readonly app?: Partial<HttpAppOptions>;
}

const refusals = new Map<number, RefusalReason>([
  [77, "harmful"],
  [137, "too_many_pixels"],
  [0, "unreadable"],
]);

/** Judges a file by its first byte, and stops reading where it is refused. */
async function keepByFirstByte(
  files: MemoryFiles,
  id: string,
  content: AsyncIterable<Uint8Array>,
  mostBytes: number,
): ReturnType<KeepUpload> {
  let first: number | undefined;
  async function* looked() {
    for await (const piece of content) {
      first ??= piece[0];
      if (refusals.has(first ?? -1)) throw refusals;
      yield piece;
    }
  }
  try {
    const kept = await files.save(id, looked(), mostBytes);
    if (first === undefined) return { refused: "empty" };
    return { ...kept, mimeType: first === 37 ? "application/pdf" : "image/jpeg" };
  } catch (error) {
    // As the real one does it, whoever found that it is too large.
    if (error instanceof AppError && error.code === "files.too_large") return { refused: "too_large" };
    if (error !== refusals) throw error;
    return { refused: refusals.get(first ?? -1) ?? "unreadable" };
  }
}

/** The real web channel over HTTP, on ports in memory. */
export async function startMemoryService({ channel, app }: MemoryServiceOptions = {}) {
  const events = new ConversationEvents();
  const uploads = new MemoryUploads();
  const conversations = new MemoryConversations(events, uploads);
  const visitors = new MemoryVisitors(conversations);
  const files = new MemoryFiles();
  const log: string[] = [];
  const logger = createLogger({ level: "debug", stream: { write: (line) => log.push(line) } });
  const metrics = createMetrics({ version: "0.0.0" });
  const web = createWebChannel({
    conversations,
    visitors,
    inbox: conversations,
    events,
    uploads,
    files,
    keepUpload: (upload, content, mostBytes) => keepByFirstByte(files, upload.id, content, mostBytes),
    messageLimit: createRateLimiter({ perMinute: 1_000 }),
    uploadLimit: createRateLimiter({ perMinute: 1_000 }),
    longestFile: 1024 * 1024,
    randomBytes,
    newId: randomUUID,
    now: () => new Date(),
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
      addressLimit: createRateLimiter({ perMinute: 100_000 }),
      trustProxy: false,
      pagesDir: "tests/unit/channels/web/no-pages",
      newId: randomUUID,
      now: () => performance.now(),
      version: "0.0.0",
      ...app,
    }),
  });
  return { url: server.url, server, web, events, conversations, visitors, uploads, files, log };
}

export type MemoryService = Awaited<ReturnType<typeof startMemoryService>>;

/** A visitor, by the API that the page uses. */
export async function openVisitor(url: string, body?: unknown) {
  const response = await fetch(`${url}/api/visitors`, {
    method: "POST",
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  const { token, conversationId } = (await response.json()) as { token: string; conversationId: string };
  const authorization = `Bearer ${token}`;
  const post = (path: string, sent: unknown) =>
    fetch(`${url}${path}`, {
      method: "POST",
      body: JSON.stringify(sent),
      headers: { authorization, "content-type": "application/json" },
    });
  return {
    token,
    conversationId,
    authorization,
    post,
    get: (path: string, headers: Record<string, string> = {}) =>
      fetch(`${url}${path}`, { headers: { ...headers, authorization } }),
    say: (text: string, attachments: readonly string[] = [], clientId: string = randomUUID()) =>
      post("/api/messages", { clientId, text, attachments }),
    upload: (bytes: Uint8Array<ArrayBuffer>, kind = "photo", headers: Record<string, string> = {}) =>
      fetch(`${url}/api/files?kind=${kind}`, {
        method: "POST",
        body: bytes,
        headers: { authorization, "content-type": "application/octet-stream", ...headers },
      }),
  };
}

export type Visitor = Awaited<ReturnType<typeof openVisitor>>;

/** The error of a response, which must have the API's form. */
export async function failureOf(response: Response) {
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  return { status: response.status, ...error };
}
