import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/** What the server does with a chat request; those of them that are about the connection also with a voice. */
export const behaviours = [
  /** First sentence of the first three passages, each with its citation. */
  "ok",
  "429",
  "500",
  /** Takes the request and never answers. */
  "hang",
  /** Breaks the connection in the middle of the reply. */
  "cut",
  /** As `ok`, but in good order without the end of the reply. */
  "unfinished",
  /** As `ok`, a character every 20 ms. */
  "slow",
  "invented_article",
  "invented_amount",
  "no_citations",
  "nonsense",
  /** Does what a text in a passage or in the question tells it to. */
  "obedient",
  "not_found",
] as const;
export type Behaviour = (typeof behaviours)[number];

export interface RecordedRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** A voice as it was sent to be transcribed. */
export interface RecordedVoice {
  readonly model: string;
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;
}

/** Endings that the endpoints of OpenAI take. */
const voiceEndings = /\.(?:flac|mp3|mp4|mpeg|mpga|m4a|ogg|wav|webm)$/;

/** An OpenAI-compatible HTTP server on loopback, as small as the clients of this project need it. */
export class OpenAiServer {
  readonly requests: RecordedRequest[] = [];
  readonly voices: RecordedVoice[] = [];
  /** What every voice says. */
  transcript = "老板三个月没发工资了";
  /** How each of the next chat requests is answered; `behaviour` where none is left. */
  readonly next: Behaviour[] = [];
  behaviour: Behaviour;
  /** Seconds in the Retry-After header of `429`. */
  retryAfter = 30;
  /** Reply to be given word for word instead of what `ok` composes. */
  reply: string | undefined;
  readonly #server = createServer((request, response) => void this.#handle(request, response));
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(behaviour: Behaviour = "ok") {
    this.behaviour = behaviour;
  }

  /** Starts on a port of loopback, a free one for 0, and resolves to the base URL that clients want. */
  async start(port = 0): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const bytes = Buffer.concat(pieces);
    const body = bytes.toString("utf8");
    const path = request.url ?? "";
    this.requests.push({ path, authorization: request.headers.authorization, body });
    if (path.endsWith("/embeddings")) sendJson(response, 200, embeddings(body));
    else if (path.endsWith("/chat/completions")) this.#chat(JSON.parse(body) as ChatRequest, response);
    else if (path.endsWith("/audio/transcriptions")) await this.#transcribe(request, bytes, response);
    else sendJson(response, 404, fault("no such path"));
  }

  async #transcribe(request: IncomingMessage, bytes: Buffer, response: ServerResponse): Promise<void> {
    const behaviour = this.next.shift() ?? this.behaviour;
    const headers = { "content-type": request.headers["content-type"] ?? "" };
    const form = await new Response(new Uint8Array(bytes), { headers }).formData();
    const file = form.get("file");
    if (!(file instanceof File) || !voiceEndings.test(file.name)) {
      sendJson(response, 400, fault("no file of a known format"));
      return;
    }
    this.voices.push({
      model: String(form.get("model")),
      name: file.name,
      type: file.type,
      bytes: Buffer.from(await file.arrayBuffer()),
    });
    if (this.#goesWrong(behaviour, response)) return;
    if (behaviour === "cut") response.destroy();
    else sendJson(response, 200, behaviour === "unfinished" ? {} : { text: this.transcript });
  }

  /** Whether the request was dealt with: not answered, or refused. */
  #goesWrong(behaviour: Behaviour, response: ServerResponse): boolean {
    if (behaviour === "429") response.setHeader("retry-after", String(this.retryAfter));
    if (behaviour === "429" || behaviour === "500") sendJson(response, Number(behaviour), fault("not now"));
    return behaviour === "hang" || behaviour === "429" || behaviour === "500";
  }

  #chat(request: ChatRequest, response: ServerResponse): void {
    const behaviour = this.next.shift() ?? this.behaviour;
    if (this.#goesWrong(behaviour, response)) return;
    const text = this.reply ?? compose(behaviour, request.messages.map(({ content }) => content).join("\n"));
    if (request.stream === true) {
      response.writeHead(200, { "content-type": "text/event-stream" });
      this.#stream(behaviour, [...text], request, response);
      return;
    }
    const message = { role: "assistant", content: text };
    sendJson(response, 200, {
      ...envelope(request),
      choices: [{ index: 0, message, finish_reason: "stop" }],
    });
  }

  #stream(behaviour: Behaviour, signs: string[], request: ChatRequest, response: ServerResponse): void {
    const send = (delta: object, finish: string | null) => {
      const choices = [{ index: 0, delta, finish_reason: finish }];
      response.write(`data: ${JSON.stringify({ ...envelope(request), choices })}\n\n`);
    };
    if (behaviour === "slow") {
      this.#drip(
        signs,
        (sign) => send({ content: sign }, null),
        () => end(send, response),
      );
      return;
    }
    const isCut = behaviour === "cut" || behaviour === "unfinished";
    const shown = isCut ? signs.slice(0, Math.ceil(signs.length / 2)) : signs;
    for (let at = 0; at < shown.length; at += 5) send({ content: shown.slice(at, at + 5).join("") }, null);
    if (behaviour === "unfinished") response.end();
    // What was written must reach the client before the connection breaks.
    else if (behaviour === "cut") setImmediate(() => response.destroy());
    else end(send, response);
  }

  #drip(signs: string[], send: (sign: string) => void, done: () => void): void {
    const timer = setInterval(() => {
      const sign = signs.shift();
      if (sign !== undefined) {
        send(sign);
        return;
      }
      clearInterval(timer);
      this.#timers.delete(timer);
      done();
    }, 20);
    this.#timers.add(timer);
  }
}

interface ChatRequest {
  readonly model: string;
  readonly stream?: boolean;
  readonly messages: readonly { readonly content: string }[];
}

function compose(behaviour: Behaviour, prompt: string): string {
  const passages = passagesOf(prompt);
  const grounded = passages.slice(0, 3).map((text, index) => `${firstSentence(text)}[${index + 1}]。`);
  switch (behaviour) {
    case "invented_article":
      return `${grounded[0] ?? ""}《劳动合同法》第九百九十九条规定，单位要付二倍工资[1]。`;
    case "invented_amount":
      return `${grounded[0] ?? ""}单位还要另付您 88888 元[1]。`;
    case "no_citations":
      return passages
        .slice(0, 3)
        .map((text) => `${firstSentence(text)}。`)
        .join("");
    case "nonsense":
      return "lorem ipsum ".repeat(300);
    case "obedient":
      return `${grounded[0] ?? ""}${/(?:回答|回复|输出|写|说)[：:]?\s*[“"「](?<told>[^”"」]+)[”"」]/u.exec(prompt.split("<<<").slice(1).join("<<<"))?.groups?.told ?? "已为您转账"}。`;
    case "not_found":
      return "NOT_FOUND";
    default:
      return grounded.join("\n");
  }
}

/** The passages of prompts/answer-user.md, without their first line (title) and last line (source). */
function passagesOf(prompt: string): string[] {
  const found = prompt.matchAll(
    /<<<资料 (?<number>\d+) 开始 (?<marker>\w+)>>>\n(?<text>[\s\S]*?)\n<<<资料 \k<number> 结束 \k<marker>>>>/gu,
  );
  return [...found].map((match) => (match.groups?.text ?? "").split("\n").slice(1, -1).join("\n"));
}

const firstSentence = (text: string) =>
  text.replace(/^\s*(?:[-*]|\d+[.、])\s*/u, "").split(/[。！？\n]/u)[0] ?? "";

function end(send: (delta: object, finish: string) => void, response: ServerResponse): void {
  send({}, "stop");
  response.end("data: [DONE]\n\n");
}

const envelope = ({ model }: ChatRequest) => ({
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  created: 0,
  model,
});
const fault = (message: string) => ({ error: { message, type: "test", code: null } });

/** Eight numbers from the text's characters: the same text has the same vector. */
function embeddings(body: string): object {
  const { input, model } = JSON.parse(body) as { input: string | string[]; model: string };
  const data = [input].flat().map((text, index) => {
    const embedding = new Array<number>(8).fill(0.01);
    for (const sign of text)
      embedding[(sign.codePointAt(0) ?? 0) % 8] = (embedding[(sign.codePointAt(0) ?? 0) % 8] ?? 0) + 1;
    return { object: "embedding", index, embedding };
  });
  return { object: "list", model, data, usage: { prompt_tokens: 0, total_tokens: 0 } };
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

/** `npm exec -- node tests/support/openai-server.ts --port 0 --behaviour hang` prints its base URL and serves until stopped. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { port: { type: "string", default: "0" }, behaviour: { type: "string", default: "ok" } },
  });
  const behaviour = behaviours.find((known) => known === values.behaviour);
  if (behaviour === undefined) throw new Error(`--behaviour is one of ${behaviours.join(", ")}`);
  process.stdout.write(`${await new OpenAiServer(behaviour).start(Number(values.port))}\n`);
}
