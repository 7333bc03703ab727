import { randomBytes, randomUUID } from "node:crypto";
import { keepOrRefuse } from "../../../src/attachments/keep-file.ts";
import { createWebChannel, type WebChannel } from "../../../src/channels/web/channel.ts";
import type { WebMessage } from "../../../src/channels/web/web-message.ts";
import { createHttpApp } from "../../../src/http/http-app.ts";
import { createRateLimiter } from "../../../src/http/rate-limiter.ts";
import { type RunningServer, startServer } from "../../../src/http/server.ts";
import type { ChannelDriver, Seen } from "./driver.ts";
import { longestFile, type Site } from "./site.ts";

/** A visitor of the page, by the API that the page uses, over HTTP. */
export async function openWebDriver(): Promise<ChannelDriver> {
  let server: RunningServer | undefined;
  let authorization = "";
  /** The event stream as it came. */
  let stream = "";
  const streams = new AbortController();
  const written = new Map<string, string>();

  const call = (path: string, init: RequestInit = {}) =>
    fetch(`${server?.url}${path}`, {
      ...init,
      headers: { authorization, "content-type": "application/json", ...init.headers },
    });
  async function post(clientId: string, text: string, attachments: readonly string[] = []) {
    const body = JSON.stringify({ clientId, text, attachments });
    const response = await call("/api/messages", { method: "POST", body });
    if (response.ok) return {};
    const { error } = (await response.json()) as { error: { code: string } };
    return { refused: error.code };
  }
  async function openVisitor(): Promise<void> {
    const response = await call("/api/visitors", { method: "POST", body: "{}" });
    const { token } = (await response.json()) as { token: string };
    authorization = `Bearer ${token}`;
  }
  /** Follows the conversation as the page does. */
  async function follow(): Promise<void> {
    const response = await call("/api/events", { signal: streams.signal });
    const decoder = new TextDecoder();
    for await (const bytes of response.body ?? []) {
      stream += decoder.decode(bytes, { stream: true });
    }
  }

  return {
    connect: async (site) => {
      await server?.stop(1_000);
      const channel = channelOf(site);
      server = await serve(site, channel);
      if (authorization === "") await openVisitor();
      follow().catch(() => {});
      return channel;
    },
    write: async (text) => {
      const handle = randomUUID();
      written.set(handle, text);
      const taken = await post(handle, text);
      // The page asks for a new token where the old one is no more.
      if (taken.refused !== "channel.unknown_visitor") return { handle, ...taken };
      await openVisitor();
      return { handle, ...(await post(handle, text)) };
    },
    redeliver: async ({ handle }) => void (await post(String(handle), written.get(String(handle)) ?? "")),
    sendFile: async ({ kind, bytes, name, caption, announcedSize }) => {
      const body = announcedSize === undefined ? bytes : new Uint8Array(announcedSize);
      const response = await call(`/api/files?kind=${kind}`, {
        method: "POST",
        body,
        headers: { "content-type": "application/octet-stream", "x-file-name": encodeURIComponent(name) },
      });
      const answer = (await response.json()) as { id?: string; error?: { code: string } };
      if (answer.id === undefined) return { refused: answer.error?.code ?? "unknown" };
      return post(randomUUID(), caption ?? "", [answer.id]);
    },
    press: async (label) => void (await post(randomUUID(), label)),
    seen: async () => {
      const response = await call("/api/messages");
      const { messages = [] } = (await response.json()) as { messages?: WebMessage[] };
      return messages
        .filter(({ sender }) => sender !== "contact")
        .map(
          ({ text, answer, quickReplies = [] }): Seen => ({
            text,
            buttons: quickReplies,
            sources: (answer?.citations ?? []).map(({ document }) => document),
          }),
        );
    },
    typingSeen: async () => stream.split("event: typing").length - 1,
    previewsSeen: async () =>
      [...stream.matchAll(/event: preview\ndata: (.*)\n/g)].map(
        ([, data = "{}"]) => (JSON.parse(data) as { text: string }).text,
      ),
    close: async () => {
      streams.abort();
      await server?.stop(1_000);
    },
  };
}

function channelOf(site: Site) {
  const { road, files, attachments, visitors, logger, metrics } = site;
  return createWebChannel({
    conversations: road.conversations,
    visitors,
    inbox: road.inbox,
    events: road.events,
    uploads: attachments,
    files,
    keepUpload: (upload, content, most) => keepOrRefuse(files, upload, content, most),
    messageLimit: createRateLimiter({ perMinute: 10_000 }),
    uploadLimit: createRateLimiter({ perMinute: 10_000 }),
    longestFile,
    randomBytes,
    newId: randomUUID,
    now: () => new Date(),
    logger,
    observer: metrics,
  });
}

function serve({ logger, metrics }: Site, web: WebChannel): Promise<RunningServer> {
  return startServer({
    host: "127.0.0.1",
    port: 0,
    endStreams: () => web.endStreams(),
    app: createHttpApp({
      routes: [web.mount],
      rawPaths: web.rawPaths,
      about: () => ({
        federation: "重庆市总工会",
        assistant: "娘家人",
        hotlines: [{ number: "12351", name: "全国工会服务热线", purpose: "维权咨询" }],
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
      pagesDir: "tests/contract/channels/no-pages",
      newId: randomUUID,
      now: () => performance.now(),
      version: "0.0.0",
    }),
  });
}
