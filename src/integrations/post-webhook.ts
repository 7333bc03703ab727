import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import { messageOf } from "../errors.ts";
import { type AddressRules, isAllowedAddress, type Lookup, literalAddress } from "./webhook-address.ts";

export interface WebhookRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the endpoint said. `reason` is a code without content, such as `status_500`, `timeout` or `ECONNREFUSED`. */
export type WebhookOutcome =
  | { readonly state: "sent" }
  | { readonly state: "retry"; readonly reason: string; readonly afterMs?: number }
  /** 410: it wants no more. */
  | { readonly state: "gone" };

export interface WebhookPost {
  /** Makes one try and never rejects. */
  post(request: WebhookRequest, signal: AbortSignal): Promise<WebhookOutcome>;
  /** Ends the connections that are kept for the next event. */
  close(): void;
}

export interface WebhookPostOptions extends AddressRules {
  readonly lookup: Lookup;
  /** Milliseconds for one try, from the name's look-up to the end of the answer. Default 10 000. */
  readonly timeoutMs?: number;
}

/** Bytes of an answer that are read, so that its connection can serve again; beyond them it is cut off. */
const mostOfAnswer = 64 * 1024;

const refusedCode = "address_refused";

/**
 * Posts over connections that are kept between events. Redirects are not followed. A connection goes only to an
 * address that passed the rules: the name is resolved here, and what was checked is what is connected to.
 */
export function createWebhookPost({ lookup, timeoutMs = 10_000, ...rules }: WebhookPostOptions): WebhookPost {
  const agents = {
    "http:": new HttpAgent({ keepAlive: true, timeout: 60_000 }),
    "https:": new HttpsAgent({ keepAlive: true, timeout: 60_000 }),
  };

  const send = async (outgoing: WebhookRequest, signal: AbortSignal): Promise<WebhookOutcome> => {
    const url = new URL(outgoing.url);
    const literal = literalAddress(url);
    if (literal !== undefined && !isAllowedAddress(literal, url.protocol, rules)) {
      return { state: "retry", reason: refusedCode };
    }
    const secure = url.protocol === "https:";
    const options = {
      method: "POST",
      agent: agents[secure ? "https:" : "http:"],
      lookup: guarded(lookup, url.protocol, rules),
      signal,
      headers: { ...outgoing.headers, "Content-Length": Buffer.byteLength(outgoing.body) },
    } satisfies RequestOptions;
    const open = () => (secure ? httpsRequest(url, options) : httpRequest(url, options));
    return exchange(open, outgoing.body);
  };

  return {
    async post(outgoing, signal) {
      const timeout = AbortSignal.timeout(timeoutMs);
      try {
        return await send(outgoing, AbortSignal.any([signal, timeout]));
      } catch (error) {
        return { state: "retry", reason: timeout.aborted ? "timeout" : codeOf(error) };
      }
    },
    close: () => {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

/** One exchange; a second one where the endpoint had closed a kept connection just when it was used. */
async function exchange(open: () => ReturnType<typeof httpRequest>, body: string): Promise<WebhookOutcome> {
  for (let first = true; ; first = false) {
    const request = open();
    try {
      return await answerOf(request, body);
    } catch (error) {
      if (!first || !request.reusedSocket || codeOf(error) !== "ECONNRESET") throw error;
    }
  }
}

function answerOf(request: ReturnType<typeof httpRequest>, body: string): Promise<WebhookOutcome> {
  return new Promise((resolve, reject) => {
    request.on("error", reject);
    request.once("response", (response) => {
      let size = 0;
      response.on("data", (piece: Buffer) => {
        size += piece.length;
        if (size > mostOfAnswer) response.destroy();
      });
      // Its status is known: whatever becomes of the rest, this is what it said.
      const end = () => resolve(outcomeOf(response));
      request.prependListener("error", end);
      response.on("error", end).once("close", end);
    });
    request.end(body);
  });
}

function outcomeOf({ statusCode = 0, headers }: IncomingMessage): WebhookOutcome {
  if (statusCode >= 200 && statusCode < 300) return { state: "sent" };
  if (statusCode === 410) return { state: "gone" };
  const seconds = Number(headers["retry-after"]);
  return {
    state: "retry",
    reason: `status_${statusCode}`,
    ...(Number.isFinite(seconds) && seconds > 0 ? { afterMs: seconds * 1_000 } : {}),
  };
}

/** A look-up for `net.connect` that gives only allowed addresses, or fails where one of them is not. */
function guarded(lookup: Lookup, protocol: string, rules: AddressRules): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname).then(
      (addresses) => {
        const family = options.family === 4 || options.family === 6 ? options.family : undefined;
        const usable = addresses.filter((found) => family === undefined || found.family === family);
        const [first] = usable;
        if (first === undefined) {
          callback(coded("ENOTFOUND"), "");
        } else if (!addresses.every(({ address }) => isAllowedAddress(address, protocol, rules))) {
          callback(coded(refusedCode), "");
        } else if (options.all) {
          callback(null, [...usable]);
        } else {
          callback(null, first.address, first.family);
        }
      },
      (error) => callback(error, ""),
    );
  };
}

function coded(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : messageOf(error);
  return /^\w{1,60}$/.test(code) ? code : "connection_failed";
}
