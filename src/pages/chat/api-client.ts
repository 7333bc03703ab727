import type { About, Message, MessagePage, NewVisitor, Passage, Rating, Visitor } from "./api-types.ts";

/**
 * A call that did not succeed. `status` is 0 when no answer came at all (no network, or none within the time
 * limit); `message` is then empty, otherwise it is the server's own sentence for the reader.
 */
export class ApiError extends Error {
  readonly status: number;
  /** Seconds after which the server wants to be asked again, where it said so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, message: string, retryAfterSeconds?: number) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export interface MessageToSend {
  readonly clientId: string;
  readonly text: string;
  /** Ids of uploaded files. */
  readonly attachments: readonly string[];
}

export interface ApiClient {
  createVisitor(visitor: NewVisitor, signal?: AbortSignal): Promise<Visitor>;
  listMessages(token: string, after: number, signal?: AbortSignal): Promise<MessagePage>;
  /** Safe to repeat with the same `clientId`: the server stores it once. */
  sendMessage(token: string, message: MessageToSend, signal?: AbortSignal): Promise<Message>;
  /** Everything up to this `seq` was shown. */
  confirm(token: string, seq: number, signal?: AbortSignal): Promise<void>;
  /** The bytes of a file of the conversation. */
  file(token: string, id: string, signal?: AbortSignal): Promise<Blob>;
  /** The event stream, or undefined where the browser cannot read a response piece by piece. */
  openEvents(
    token: string,
    after: number,
    signal: AbortSignal,
  ): Promise<ReadableStream<Uint8Array> | undefined>;
  rate(token: string, messageId: string, rating: Rating, signal?: AbortSignal): Promise<void>;
  passage(chunkId: string, signal?: AbortSignal): Promise<Passage>;
  about(signal?: AbortSignal): Promise<About>;
}

export interface ApiClientOptions {
  readonly fetch: typeof fetch;
  /** Origin of the API; empty means the page's own. */
  readonly baseUrl?: string;
  /** Time limit for one call, not for the event stream. Default 20 s. */
  readonly timeoutMs?: number;
}

/** A photo takes its time on a bad network. */
const fileTimeoutMs = 180_000;

interface Call {
  readonly method?: "GET" | "POST";
  readonly token?: string;
  readonly body?: unknown;
  readonly accept?: string;
  /** Where it is not that of every call. */
  readonly timeoutMs?: number;
}

/** Typed access to the worker API. Every failure is an `ApiError`, except an abort by the caller. */
export function createApiClient(options: ApiClientOptions): ApiClient {
  const { fetch, baseUrl = "", timeoutMs = 20_000 } = options;

  const request = async (path: string, call: Call, signal: AbortSignal | undefined): Promise<Response> => {
    const headers: Record<string, string> = { Accept: call.accept ?? "application/json" };
    if (call.token !== undefined) headers.Authorization = `Bearer ${call.token}`;
    if (call.body !== undefined) headers["Content-Type"] = "application/json";
    const init: RequestInit = {
      method: call.method ?? "GET",
      headers,
      cache: "no-store",
      credentials: "omit",
    };
    if (call.body !== undefined) init.body = JSON.stringify(call.body);
    if (signal !== undefined) init.signal = signal;
    let response: Response;
    try {
      response = await fetch(`${baseUrl}/api${path}`, init);
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new ApiError(0, "");
    }
    if (!response.ok) throw await refusal(response);
    return response;
  };

  /** Runs one short call under the time limit, reading of the body included. */
  const limited = async <T>(
    path: string,
    call: Call,
    signal: AbortSignal | undefined,
    read: (response: Response) => Promise<T>,
  ): Promise<T> => {
    const own = new AbortController();
    const forward = () => own.abort();
    if (signal?.aborted) own.abort();
    signal?.addEventListener("abort", forward);
    const timer = setTimeout(forward, call.timeoutMs ?? timeoutMs);
    try {
      return await read(await request(path, call, own.signal));
    } catch (error) {
      if (error instanceof ApiError || signal?.aborted) throw error;
      throw new ApiError(0, "");
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", forward);
    }
  };
  const json = <T>(path: string, call: Call, signal: AbortSignal | undefined) =>
    limited(path, call, signal, async (response) => (await response.json()) as T);

  return {
    createVisitor: (visitor, signal) => json<Visitor>("/visitors", { method: "POST", body: visitor }, signal),
    listMessages: (token, after, signal) => json<MessagePage>(`/messages?after=${after}`, { token }, signal),
    sendMessage: async (token, message, signal) => {
      const call: Call = { method: "POST", token, body: message };
      return (await json<{ message: Message }>("/messages", call, signal)).message;
    },
    confirm: (token, seq, signal) =>
      limited("/receipts", { method: "POST", token, body: { seq } }, signal, async () => undefined),
    file: (token, id, signal) =>
      limited(
        `/files/${encodeURIComponent(id)}`,
        { token, accept: "*/*", timeoutMs: fileTimeoutMs },
        signal,
        (response) => response.blob(),
      ),
    openEvents: async (token, after, signal) => {
      const response = await request(
        `/events?after=${after}`,
        { token, accept: "text/event-stream" },
        signal,
      );
      return typeof response.body?.getReader === "function" ? response.body : undefined;
    },
    rate: (token, messageId, rating, signal) => {
      const path = `/messages/${encodeURIComponent(messageId)}/feedback`;
      return limited(path, { method: "POST", token, body: { rating } }, signal, async () => undefined);
    },
    passage: (chunkId, signal) => json<Passage>(`/passages/${encodeURIComponent(chunkId)}`, {}, signal),
    about: (signal) => json<About>("/about", {}, signal),
  };
}

async function refusal(response: Response): Promise<ApiError> {
  const seconds = Number(response.headers.get("Retry-After"));
  const retryAfter = Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
  let message = "";
  try {
    const body = (await response.json()) as { error?: { message?: unknown } };
    if (typeof body.error?.message === "string") message = body.error.message;
  } catch {
    // A proxy in between may answer with something that is not JSON; the status says enough.
  }
  return new ApiError(response.status, message, retryAfter);
}
