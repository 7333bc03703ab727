import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { ResponseParameters } from "grammy/types";
import type { Fault, Faults } from "./faults.ts";
import { type CallContext, runMethod } from "./methods.ts";
import { Refusal } from "./refusal.ts";
import type { Updates } from "./updates.ts";
import type { World } from "./world.ts";

/** One request of the bot. */
export interface CallRecord {
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** The status that it got; 0 where the connection was cut. */
  readonly status: number;
}

export interface HttpParts {
  readonly token: string;
  readonly world: World;
  readonly updates: Updates;
  readonly faults: Faults;
  /** Milliseconds that the connection of an injected timeout stays open. */
  readonly holdMs: number;
  readonly onCall: (call: CallRecord) => void;
}

type Uploads = CallContext["uploads"];

/** The HTTP side: `/bot<token>/<method>` and `/file/bot<token>/<path>`. */
export function createBotApiServer(parts: HttpParts): Server {
  return createServer((request, response) => {
    handle(parts, request, response).catch((error: unknown) => {
      // A caller that has gone needs no answer; any other error is a fault of this server and must be seen.
      if (!response.headersSent && !response.destroyed) {
        answer(response, 500, { ok: false, error_code: 500, description: `Bot API test server: ${error}` });
      }
    });
  });
}

async function handle(parts: HttpParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const [, download, token, rest = ""] = /^\/(file\/)?bot([^/]+)\/(.*)$/.exec(url.pathname) ?? [];
  if (token === undefined) {
    refuse(response, new Refusal(404, "Not Found"));
  } else if (decodeURIComponent(token) !== parts.token) {
    refuse(response, new Refusal(401, "Unauthorized"));
  } else if (download !== undefined) {
    sendFile(parts.world, rest, response);
  } else {
    await callMethod(parts, rest, url, request, response);
  }
}

async function callMethod(
  { world, updates, faults, holdMs, onCall }: HttpParts,
  method: string,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const { args, uploads } = await readArgs(url, request);
  const record = (status: number) => onCall({ method, args, status });
  const fault = faults.take(method.toLowerCase());
  const run = (answered: boolean) =>
    runMethod(method, args, { world, updates, gone: gone.signal, answered, uploads });
  if (fault?.kind === "timeout") {
    if (fault.delivers) await run(false).catch(() => undefined);
    record(0);
    const timer = setTimeout(() => response.destroy(), holdMs);
    gone.signal.addEventListener("abort", () => clearTimeout(timer));
    return;
  }
  if (fault?.kind === "page") {
    record(fault.status);
    response.writeHead(fault.status, { "content-type": "text/html" }).end(fault.body);
    return;
  }
  try {
    if (fault !== undefined) throw refusalOf(fault);
    const result = await run(true);
    record(200);
    answer(response, 200, { ok: true, result });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    record(error.code);
    refuse(response, error);
  }
}

function refusalOf(fault: Exclude<Fault, { kind: "timeout" | "page" }>): Refusal {
  switch (fault.kind) {
    case "tooManyRequests": {
      const parameters: ResponseParameters = { retry_after: fault.retryAfter };
      return new Refusal(429, `Too Many Requests: retry after ${fault.retryAfter}`, parameters);
    }
    case "serverError":
      return new Refusal(500, "Internal Server Error: restart");
    case "refusal":
      return new Refusal(fault.code, fault.description, fault.parameters);
  }
}

/** Arguments come in the address, as JSON, as a form or as a form with files; nested values may be JSON text. */
async function readArgs(
  url: URL,
  request: IncomingMessage,
): Promise<{ args: Record<string, unknown>; uploads: Uploads }> {
  const args: Record<string, unknown> = Object.fromEntries(
    [...url.searchParams].map(([name, value]) => [name, plainOrJson(value)]),
  );
  const uploads = new Map<string, { name: string; bytes: Uint8Array }>();
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (chunks.length === 0) return { args, uploads };
  const body = Buffer.concat(chunks);
  const type = request.headers["content-type"] ?? "";
  if (type.startsWith("application/json")) {
    return { args: { ...args, ...(JSON.parse(body.toString("utf8")) as object) }, uploads };
  }
  const form = await new Response(body, { headers: { "content-type": type } }).formData();
  for (const [name, value] of form) {
    if (typeof value === "string") args[name] = plainOrJson(value);
    else uploads.set(name, { name: value.name, bytes: new Uint8Array(await value.arrayBuffer()) });
  }
  // `attach://name` points at an uploaded part of another name.
  for (const [name, value] of Object.entries(args)) {
    const upload = typeof value === "string" ? uploads.get(value.replace(/^attach:\/\//, "")) : undefined;
    if (upload !== undefined) uploads.set(name, upload);
  }
  return { args, uploads };
}

function plainOrJson(value: string): unknown {
  if (!/^(?:[[{]|true$|false$|-?\d{1,15}$)/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function sendFile(world: World, path: string, response: ServerResponse): void {
  const file = [...world.files.values()].find((stored) => stored.path === path);
  if (file === undefined) refuse(response, new Refusal(404, "Not Found"));
  else response.writeHead(200, { "content-length": file.bytes.byteLength }).end(file.bytes);
}

function refuse(response: ServerResponse, { code, message, parameters }: Refusal): void {
  answer(response, code, {
    ok: false,
    error_code: code,
    description: message,
    ...(parameters === undefined ? {} : { parameters }),
  });
}

function answer(response: ServerResponse, status: number, body: object): void {
  if (response.destroyed) return;
  const text = JSON.stringify(body);
  response
    .writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) })
    .end(text);
}
