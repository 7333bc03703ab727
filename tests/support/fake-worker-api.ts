import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { Attachment, Message, NewVisitor } from "../../src/pages/chat/api-types.ts";
import { fakeAbout, fakePassages, fakeReply } from "./fake-worker-answers.ts";

/** How the fake behaves; a test changes it while it runs. */
export interface FakeBehaviour {
  /** Streams: `work`, `hold` (open, but nothing ever comes, as behind a buffering proxy), `refuse` (503). */
  streams: "work" | "hold" | "refuse";
  /** Answers the next calls of `POST /api/messages` with this; `drop` stores and cuts the connection. */
  sending: "work" | "drop" | "unavailable" | "too_many";
  /** False leaves questions unanswered until `answerAll`. */
  answering: boolean;
  /** Pieces of the answer that are shown before it. */
  previews: boolean;
  /** Uploads: `refuse` says that the file is harmful, `hold` reads it and never answers. */
  uploads: "work" | "refuse" | "unavailable" | "hold";
  /** What a visitor's identity is worth. */
  identities: "known" | "refused" | "unavailable";
}

export interface FakeWorkerApi {
  readonly url: string;
  readonly behaviour: FakeBehaviour;
  /** Paths of the API calls so far, `GET /api/messages` and so on. */
  readonly calls: string[];
  /** Every stored message, oldest first. */
  stored(): readonly Message[];
  /** With what visitors began, in order. */
  readonly visitors: readonly NewVisitor[];
  /** What pages confirmed by `POST /api/receipts`, in order. */
  readonly receipts: readonly number[];
  /** What cursors of lists and streams confirmed, in order. */
  readonly cursors: readonly number[];
  /** Says something in every conversation that nobody asked for; `ending`: what waits is not answered any more. */
  say(text: string, options?: { ending: boolean }): void;
  /** Ends the turns of all waiting questions. */
  answerAll(): void;
  /** The tokens are gone, as after the loss of the data folder. */
  forgetVisitors(): void;
  /** Cuts every open event stream. */
  cutStreams(): void;
  close(): Promise<void>;
}

export interface FakeOptions {
  readonly pagesDir?: string;
  readonly port?: number;
  /** Sites that may show the page in a frame. */
  readonly embedOrigins?: readonly string[];
}

interface Conversation {
  readonly messages: Message[];
  readonly clientIds: Map<string, Message>;
  readonly streams: Set<ServerResponse>;
  readonly waiting: Message[];
  readonly files: Map<string, { readonly attachment: Attachment; readonly bytes: Buffer }>;
}

const contentTypes: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/**
 * The worker API on loopback with canned answers, for developing and testing the worker's page without the real
 * service. With `pagesDir` it also serves the built page on `/`, under the strict content policy of a real server.
 */
export async function startFakeWorkerApi(options: FakeOptions = {}): Promise<FakeWorkerApi> {
  const behaviour: FakeBehaviour = {
    streams: "work",
    sending: "work",
    answering: true,
    previews: true,
    uploads: "work",
    identities: "known",
  };
  const visitors: NewVisitor[] = [];
  const receipts: number[] = [];
  const cursors: number[] = [];
  const byIdentity = new Map<string, Conversation>();
  const conversations = new Map<string, Conversation>();
  const calls: string[] = [];
  let seq = 0;

  const add = (conversation: Conversation, part: Omit<Message, "id" | "seq" | "createdAt">): Message => {
    seq += 1;
    const message = { ...part, id: `m${seq}`, seq, createdAt: new Date().toISOString() };
    conversation.messages.push(message);
    emit(conversation, "message", message);
    return message;
  };
  const emit = (conversation: Conversation, event: string, data: unknown) => {
    if (behaviour.streams !== "work") return;
    for (const stream of conversation.streams)
      stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const answer = (conversation: Conversation, question: Message) => {
    const { text, answer: given, quickReplies } = fakeReply(question);
    if (behaviour.previews) emit(conversation, "preview", { replyTo: question.id, text: text.slice(0, 30) });
    const more = quickReplies === undefined ? {} : { quickReplies };
    add(conversation, { sender: "bot", text, replyTo: question.id, answer: given, ...more });
  };
  const answerWaiting = (conversation: Conversation) => {
    for (const question of conversation.waiting.splice(0)) answer(conversation, question);
  };

  const receive = async (request: IncomingMessage, response: ServerResponse, conversation: Conversation) => {
    const { clientId, text, attachments } = JSON.parse(String(await buffer(request))) as {
      clientId: string;
      text: string;
      attachments: string[];
    };
    if (behaviour.sending === "unavailable") return refuse(response, 503, "服务正在重启，请稍等一会儿");
    if (behaviour.sending === "too_many")
      return refuse(response, 429, "发得太快了，请等一分钟", { "Retry-After": "1" });
    if (text.length > fakeAbout.limits.messageCharacters) {
      return refuse(response, 413, "太长了，请分几条发（每条不超过4000字）");
    }
    const known = conversation.clientIds.get(clientId);
    if (known !== undefined) return json(response, 200, { message: known });
    const files = attachments.flatMap((id) => conversation.files.get(id)?.attachment ?? []);
    if (files.length < attachments.length) return refuse(response, 404, "有的附件找不到了，请重新添加再发。");
    const message = add(conversation, {
      sender: "contact",
      text,
      ...(files.length === 0 ? {} : { attachments: files }),
    });
    conversation.clientIds.set(clientId, message);
    conversation.waiting.push(message);
    emit(conversation, "typing", { replyTo: message.id });
    if (behaviour.sending === "drop") response.destroy();
    else json(response, 202, { message });
    if (behaviour.answering) setTimeout(() => answerWaiting(conversation), 30);
  };

  const begin = async (request: IncomingMessage, response: ServerResponse) => {
    const visitor = JSON.parse(String(await buffer(request)) || "{}") as NewVisitor;
    visitors.push(visitor);
    const { identity } = visitor;
    if (identity !== undefined && behaviour.identities === "refused")
      return refuse(response, 401, "登录信息没有通过核对");
    if (identity !== undefined && behaviour.identities === "unavailable")
      return refuse(response, 503, "请等一等");
    const token = randomUUID();
    const known = byIdentity.get(identity ?? "");
    const conversation: Conversation = known ?? {
      messages: [],
      clientIds: new Map(),
      streams: new Set(),
      waiting: [],
      files: new Map(),
    };
    if (identity !== undefined) byIdentity.set(identity, conversation);
    conversations.set(token, conversation);
    return json(response, 201, { token, conversationId: `c-${token}` });
  };

  const upload = async (request: IncomingMessage, response: ServerResponse, conversation: Conversation) => {
    const bytes = await buffer(request);
    if (behaviour.uploads === "refuse") return refuse(response, 415, "这类文件可能不安全，不能收。");
    if (behaviour.uploads === "unavailable") return refuse(response, 503, "文件暂时存不了。");
    if (behaviour.uploads === "hold") return;
    const kind = new URL(request.url ?? "", "http://localhost").searchParams.get("kind");
    const id = randomUUID();
    const name = decodeURIComponent(String(request.headers["x-file-name"] ?? ""));
    const attachment = { id, kind, state: "stored", name, size: bytes.length } as Attachment;
    conversation.files.set(id, { attachment, bytes });
    return json(response, 201, { id, hash: "0".repeat(64), size: bytes.length });
  };

  const stream = (response: ServerResponse, conversation: Conversation, after: number) => {
    if (behaviour.streams === "refuse") return refuse(response, 503, "暂时不可用");
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    response.flushHeaders();
    conversation.streams.add(response);
    response.on("close", () => conversation.streams.delete(response));
    if (behaviour.streams === "hold") return;
    response.write(":\n\n");
    for (const message of conversation.messages.filter((one) => one.seq > after)) {
      response.write(`event: message\nid: ${message.seq}\ndata: ${JSON.stringify(message)}\n\n`);
    }
  };

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    const route = `${request.method} ${url.pathname}`;
    if (!url.pathname.startsWith("/api/")) return page(response, options, url.pathname);
    calls.push(route);
    if (route === "GET /api/about") return json(response, 200, fakeAbout);
    if (route.startsWith("GET /api/passages/")) {
      const passage = fakePassages[decodeURIComponent(url.pathname.slice("/api/passages/".length))];
      return passage === undefined ? refuse(response, 404, "这份资料已经撤下") : json(response, 200, passage);
    }
    if (route === "POST /api/visitors") return begin(request, response);
    const conversation = conversations.get((request.headers.authorization ?? "").replace("Bearer ", ""));
    if (conversation === undefined) return refuse(response, 401, "请重新打开页面");
    const after = Number(url.searchParams.get("after") ?? 0);
    if (url.searchParams.has("after")) cursors.push(after);
    if (route === "POST /api/receipts") {
      receipts.push((JSON.parse(String(await buffer(request))) as { seq: number }).seq);
      return response.writeHead(204).end();
    }
    if (route === "POST /api/files") return upload(request, response, conversation);
    const file = conversation.files.get(/^GET \/api\/files\/([\w-]+)$/.exec(route)?.[1] ?? "");
    if (file !== undefined) return response.writeHead(200).end(file.bytes);
    if (route === "GET /api/messages") {
      const messages = conversation.messages.filter((one) => one.seq > after).slice(0, 200);
      return json(response, 200, { messages, pending: conversation.waiting.length > 0 });
    }
    if (route === "POST /api/messages") return receive(request, response, conversation);
    if (route === "GET /api/events") return stream(response, conversation, after);
    const rated = /^POST \/api\/messages\/(\w+)\/feedback$/.exec(route)?.[1];
    const at = conversation.messages.findIndex(({ id }) => id === rated);
    const message = conversation.messages[at];
    if (message === undefined) return refuse(response, 404, "没有这条消息");
    const { rating } = JSON.parse(String(await buffer(request))) as { rating: "up" | "down" };
    conversation.messages[at] = { ...message, rating };
    response.writeHead(204).end();
  };

  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  const cutStreams = () => {
    for (const { streams } of conversations.values()) for (const one of streams) one.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    behaviour,
    calls,
    visitors,
    receipts,
    cursors,
    say(text, { ending } = { ending: false }) {
      for (const conversation of new Set(conversations.values())) {
        if (ending) conversation.waiting.length = 0;
        add(conversation, { sender: "system", text });
      }
    },
    stored: () => [...conversations.values()].flatMap(({ messages }) => messages),
    answerAll: () => {
      for (const conversation of conversations.values()) answerWaiting(conversation);
    },
    forgetVisitors() {
      cutStreams();
      conversations.clear();
      byIdentity.clear();
    },
    cutStreams,
    close() {
      cutStreams();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** As the service does: the page may stand in a frame of the named sites, the script may be used by any. */
function page(response: ServerResponse, { pagesDir, embedOrigins = [] }: FakeOptions, path: string): void {
  const file = join(pagesDir ?? "", path === "/" ? "index.html" : path);
  if (pagesDir === undefined || !file.startsWith(pagesDir) || !existsSync(file)) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    "Content-Type": contentTypes[extname(file)] ?? "application/octet-stream",
    "Content-Security-Policy":
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob:; " +
      `frame-ancestors 'self' ${embedOrigins.join(" ")}; base-uri 'none'; form-action 'none'`,
    "Cross-Origin-Resource-Policy": path === "/embed.js" ? "cross-origin" : "same-origin",
  });
  response.end(readFileSync(file));
}

function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "Content-Type": "application/json; charset=utf-8", ...headers });
  response.end(JSON.stringify(body));
}

function refuse(
  response: ServerResponse,
  status: number,
  message: string,
  headers?: Record<string, string>,
): void {
  json(response, status, { error: { code: "http.bad_request", message } }, headers);
}
