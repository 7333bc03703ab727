import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import type { Answer, Message } from "../../src/pages/chat/api-types.ts";
import {
  fakeAbout,
  fakePassages,
  groundedAnswer,
  groundedText,
  hostileText,
  offeredAnswer,
} from "./fake-worker-answers.ts";

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
}

export interface FakeWorkerApi {
  readonly url: string;
  readonly behaviour: FakeBehaviour;
  /** Paths of the API calls so far, `GET /api/messages` and so on. */
  readonly calls: string[];
  /** Every stored message, oldest first. */
  stored(): readonly Message[];
  /** Ends the turns of all waiting questions. */
  answerAll(): void;
  /** The tokens are gone, as after the loss of the data folder. */
  forgetVisitors(): void;
  /** Cuts every open event stream. */
  cutStreams(): void;
  close(): Promise<void>;
}

interface Conversation {
  readonly messages: Message[];
  readonly clientIds: Map<string, Message>;
  readonly streams: Set<ServerResponse>;
  readonly waiting: Message[];
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
export async function startFakeWorkerApi(
  options: { pagesDir?: string; port?: number } = {},
): Promise<FakeWorkerApi> {
  const behaviour: FakeBehaviour = { streams: "work", sending: "work", answering: true, previews: true };
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
    const { text, answer: given } = replyTo(question.text);
    if (behaviour.previews) emit(conversation, "preview", { replyTo: question.id, text: text.slice(0, 30) });
    add(conversation, { sender: "bot", text, replyTo: question.id, answer: given });
  };
  const answerWaiting = (conversation: Conversation) => {
    for (const question of conversation.waiting.splice(0)) answer(conversation, question);
  };

  const receive = async (request: IncomingMessage, response: ServerResponse, conversation: Conversation) => {
    const { clientId, text } = JSON.parse(await bodyOf(request)) as { clientId: string; text: string };
    if (behaviour.sending === "unavailable") return refuse(response, 503, "服务正在重启，请稍等一会儿");
    if (behaviour.sending === "too_many")
      return refuse(response, 429, "发得太快了，请等一分钟", { "Retry-After": "1" });
    if (text.length > fakeAbout.limits.messageCharacters) {
      return refuse(response, 413, "太长了，请分几条发（每条不超过4000字）");
    }
    const known = conversation.clientIds.get(clientId);
    if (known !== undefined) return json(response, 200, { message: known });
    const message = add(conversation, { sender: "contact", text });
    conversation.clientIds.set(clientId, message);
    conversation.waiting.push(message);
    emit(conversation, "typing", { replyTo: message.id });
    if (behaviour.sending === "drop") response.destroy();
    else json(response, 202, { message });
    if (behaviour.answering) setTimeout(() => answerWaiting(conversation), 30);
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
    if (!url.pathname.startsWith("/api/")) return page(response, options.pagesDir, url.pathname);
    calls.push(route);
    if (route === "GET /api/about") return json(response, 200, fakeAbout);
    if (route.startsWith("GET /api/passages/")) {
      const passage = fakePassages[decodeURIComponent(url.pathname.slice("/api/passages/".length))];
      return passage === undefined ? refuse(response, 404, "这份资料已经撤下") : json(response, 200, passage);
    }
    if (route === "POST /api/visitors") {
      const token = randomUUID();
      conversations.set(token, { messages: [], clientIds: new Map(), streams: new Set(), waiting: [] });
      return json(response, 201, { token, conversationId: `c-${token}` });
    }
    const conversation = conversations.get((request.headers.authorization ?? "").replace("Bearer ", ""));
    if (conversation === undefined) return refuse(response, 401, "请重新打开页面");
    const after = Number(url.searchParams.get("after") ?? 0);
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
    const { rating } = JSON.parse(await bodyOf(request)) as { rating: "up" | "down" };
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
    stored: () => [...conversations.values()].flatMap(({ messages }) => messages),
    answerAll: () => {
      for (const conversation of conversations.values()) answerWaiting(conversation);
    },
    forgetVisitors() {
      cutStreams();
      conversations.clear();
    },
    cutStreams,
    close() {
      cutStreams();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function replyTo(question: string): { text: string; answer: Answer } {
  if (question.includes("人工")) {
    const text = "已经记下您要找人。现在没有值班的人，急的话请拨打 12351。";
    return { text, answer: { state: "grounded", handOver: "started", citations: [] } };
  }
  if (question.includes("尖括号")) return { text: hostileText, answer: offeredAnswer };
  if (question.includes("没有的事")) {
    return {
      text: "这件事我没有找到依据，不敢乱说。您可以拨打 12351，或者找人帮忙。",
      answer: offeredAnswer,
    };
  }
  return { text: groundedText, answer: groundedAnswer };
}

function page(response: ServerResponse, pagesDir: string | undefined, path: string): void {
  const file = join(pagesDir ?? "", path === "/" ? "index.html" : path);
  if (pagesDir === undefined || !file.startsWith(pagesDir) || !existsSync(file)) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    "Content-Type": contentTypes[extname(file)] ?? "application/octet-stream",
    "Content-Security-Policy": "default-src 'self'",
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

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const piece of request) body += String(piece);
  return body;
}
