import type { ApiMethods, Opts } from "grammy/types";
import { Api, GrammyError, HttpError } from "grammy/web";

export interface TelegramSettings {
  /** As @BotFather gives it. */
  readonly token: string;
  /** Where the Bot API is, without a slash at the end: https://api.telegram.org or a server of one's own. */
  readonly apiRoot: string;
  /** Set: updates come by webhook with this secret; else they are polled. */
  readonly webhookSecret?: string;
  readonly messagesPerSecond: number;
  readonly messagesPerChatPerSecond: number;
}

export interface CallOptions {
  readonly signal: AbortSignal;
  /** Milliseconds after which no answer is waited for. Default 20 000. */
  readonly withinMs?: number;
}

/** The Bot API as this channel uses it: one HTTP request a call, no retry. Rejects with what `failureOf` reads. */
export interface TelegramApi {
  call<M extends keyof ApiMethods>(
    method: M,
    args: Opts<M>,
    options: CallOptions,
  ): Promise<ReturnType<ApiMethods[M]>>;
  /** The bytes of a file whose path `getFile` gave. */
  download(filePath: string, signal: AbortSignal): Promise<Response>;
}

const defaultWithin = 20_000;

/** Of the methods that are used here, those for which grammY expects the signal alone. */
const withoutArguments: ReadonlySet<string> = new Set(["getMe", "getWebhookInfo"]);

/** A client of grammY over the platform's own `fetch`. The token is in no message of an error that it raises. */
export function createTelegramApi({
  token,
  apiRoot,
}: Pick<TelegramSettings, "token" | "apiRoot">): TelegramApi {
  const { raw } = new Api(token, { apiRoot, fetch: fetchAnswer });
  // grammY types signals by the package that it brings for old versions of Node; in this entry it uses the native ones.
  const methods = raw as unknown as Record<string, (...args: unknown[]) => Promise<never>>;
  return {
    call: (method, args, { signal, withinMs = defaultWithin }) => {
      const call = methods[method];
      if (call === undefined) throw new TypeError(`The Bot API has no method ${method}.`);
      const limit = AbortSignal.any([signal, AbortSignal.timeout(withinMs)]);
      return withoutArguments.has(method) ? call(limit) : call(args, limit);
    },
    download: (filePath, signal) =>
      fetch(`${apiRoot}/file/bot${token}/${filePath}`, { signal, redirect: "manual" }),
  };
}

/**
 * Gives an error that is not in the Bot API's form, such as the page of a proxy in front of it, this form, so that its
 * status is not lost. A redirection is such an error: following it would turn a POST into a GET.
 */
async function fetchAnswer(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, { ...init, redirect: "manual" });
  if (response.ok) return response;
  const body = readObject(await response.text());
  const error = {
    ok: false,
    error_code: Number.isInteger(body.error_code) ? body.error_code : response.status,
    description: typeof body.description === "string" ? body.description : response.statusText,
    parameters: body.parameters ?? {},
  };
  return Response.json(error, { status: response.status });
}

function readObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** Why a call has no result. Reasons and descriptions hold no token, no text and no id of a person. */
export type ApiFailure =
  /** The Bot API answered with an error. */
  | {
      readonly kind: "refused";
      readonly code: number;
      readonly description: string;
      readonly retryAfterMs?: number;
      readonly migratedTo?: number;
    }
  /** There was no connection: nothing was handed over. */
  | { readonly kind: "unsent"; readonly reason: string }
  /** There was a connection and no readable answer. */
  | { readonly kind: "unanswered"; readonly reason: string };

/** What a rejected call means; undefined for an error that is not of a call. */
export function failureOf(error: unknown): ApiFailure | undefined {
  if (error instanceof GrammyError) {
    const { error_code: code, description, parameters } = error;
    if (!Number.isInteger(code)) return { kind: "unanswered", reason: "unreadable answer" };
    return {
      kind: "refused",
      code,
      description,
      ...(parameters.retry_after === undefined ? {} : { retryAfterMs: parameters.retry_after * 1_000 }),
      ...(parameters.migrate_to_chat_id === undefined ? {} : { migratedTo: parameters.migrate_to_chat_id }),
    };
  }
  return error instanceof HttpError ? connectionFailure(error.error) : undefined;
}

/** Codes of errors before the connection stood; certificates are looked at before anything is handed over. */
const unsentCodes =
  /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|CERT_\w+|UNABLE_TO_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|ERR_TLS_\w+|ERR_SSL_\w+)$/;

function connectionFailure(error: unknown): ApiFailure {
  const { name, cause } = error instanceof Error ? error : { name: "", cause: undefined };
  if (name === "AbortError") return { kind: "unanswered", reason: "given up" };
  if (name === "TimeoutError") return { kind: "unanswered", reason: "no answer in time" };
  const { code, message, syscall } = (cause ?? error ?? {}) as {
    code?: string;
    message?: string;
    syscall?: string;
  };
  const unsent =
    unsentCodes.test(code ?? "") ||
    syscall === "connect" ||
    syscall === "getaddrinfo" ||
    // A firewall that breaks the TLS handshake.
    /before secure TLS connection was established/.test(message ?? "");
  return { kind: unsent ? "unsent" : "unanswered", reason: code ?? "connection broken" };
}
