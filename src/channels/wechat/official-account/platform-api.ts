/** What a call came to: an answer of the platform, a call that never left, or one of which nothing is known. */
export type ApiAnswer =
  | { readonly state: "answered"; readonly code: number; readonly body: Readonly<Record<string, unknown>> }
  | { readonly state: "unsent"; readonly reason: string }
  | { readonly state: "open"; readonly reason: string };

export interface PlatformApiOptions {
  readonly appId: string;
  readonly appSecret: string;
  /** Such as `https://api.weixin.qq.com`. */
  readonly apiRoot: string;
  readonly now: () => Date;
  /** Milliseconds that a call may take, and that a file may. */
  readonly callMs: number;
  readonly fileMs: number;
}

/** Milliseconds before its end that an access token is no longer used. */
const spareMs = 120_000;
const tokenRefused: readonly number[] = [40_001, 40_014, 42_001];
/** Errors of a call that cannot have reached the platform. */
const unsentCodes = /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;

/**
 * The platform's interface for servers, as far as messages need it. Access tokens come from `stable_token`, which
 * gives every replica the same one.
 */
export class PlatformApi {
  readonly #options: PlatformApiOptions;
  #token: { readonly value: string; readonly until: number } | undefined;
  #asking: Promise<ApiAnswer> | undefined;

  constructor(options: PlatformApiOptions) {
    this.#options = options;
  }

  /** Posts with an access token, a second time with a new one where the platform refuses the first. */
  async post(path: string, body: object, signal: AbortSignal): Promise<ApiAnswer> {
    const first = await this.#withToken((token) => this.#post(`${path}?access_token=${token}`, body, signal));
    if (first.state !== "answered" || !tokenRefused.includes(first.code)) return first;
    this.#token = undefined;
    return this.#withToken((token) => this.#post(`${path}?access_token=${token}`, body, signal));
  }

  /** Bytes of what a follower sent, or the platform's answer where it has none. */
  async media(mediaId: string, signal: AbortSignal): Promise<Response | ApiAnswer> {
    const query = (token: string) => `/cgi-bin/media/get?access_token=${token}&media_id=${mediaId}`;
    let response: Response | undefined;
    const answer = await this.#withToken(async (token) => {
      try {
        response = await this.#fetch(query(token), { signal }, this.#options.fileMs);
      } catch (err) {
        return faultOf(err);
      }
      return { state: "answered", code: 0, body: {} };
    });
    return response ?? answer;
  }

  /** Whether the platform gives tokens for this app id and secret: its answer, 0 where it does. */
  checkToken(): Promise<ApiAnswer> {
    return this.#withToken(async () => ({ state: "answered", code: 0, body: {} }));
  }

  async #withToken(call: (token: string) => Promise<ApiAnswer>): Promise<ApiAnswer> {
    const now = this.#options.now().getTime();
    if (this.#token === undefined || this.#token.until <= now) {
      this.#asking ??= this.#askToken().finally(() => {
        this.#asking = undefined;
      });
      const answer = await this.#asking;
      if (this.#token === undefined) {
        // Whatever happened, the message itself has not been sent.
        const reason =
          answer.state === "answered" ? `no access token: ${describeCode(answer.code)}` : answer.reason;
        return { state: "unsent", reason };
      }
    }
    return call(encodeURIComponent(this.#token.value));
  }

  async #askToken(): Promise<ApiAnswer> {
    const { appId: appid, appSecret: secret, now, callMs } = this.#options;
    const answer = await this.#post(
      "/cgi-bin/stable_token",
      { grant_type: "client_credential", appid, secret },
      AbortSignal.timeout(callMs),
    );
    if (answer.state !== "answered") return answer;
    const { access_token: value, expires_in: seconds } = answer.body;
    if (typeof value === "string" && typeof seconds === "number") {
      // Tokens that live shorter than the spare time are used all the same.
      this.#token = { value, until: now().getTime() + Math.max(seconds * 1_000 - spareMs, 1_000) };
    }
    return answer;
  }

  async #post(path: string, body: object, signal: AbortSignal): Promise<ApiAnswer> {
    try {
      const response = await this.#fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json; charset=utf-8" },
        body: JSON.stringify(body),
        signal,
      });
      if (response.status === 429) return { state: "unsent", reason: "the platform is busy" };
      if (!response.ok) return { state: "open", reason: `the platform answered ${response.status}` };
      const parsed = (await response.json()) as Record<string, unknown>;
      return { state: "answered", code: Number(parsed.errcode ?? 0), body: parsed };
    } catch (err) {
      return faultOf(err);
    }
  }

  #fetch(path: string, init: RequestInit, ms = this.#options.callMs): Promise<Response> {
    const limit = AbortSignal.timeout(ms);
    const signal = init.signal == null ? limit : AbortSignal.any([init.signal, limit]);
    return fetch(`${this.#options.apiRoot}${path}`, { ...init, signal, redirect: "error" });
  }
}

function faultOf(err: unknown): ApiAnswer {
  const code = (err as { cause?: { code?: unknown } } | undefined)?.cause?.code;
  return typeof code === "string" && unsentCodes.test(code)
    ? { state: "unsent", reason: "the platform cannot be reached" }
    : { state: "open", reason: "the platform gave no answer" };
}

/** What an operator can do about the platform's error codes. */
export function describeCode(code: number): string {
  const words: Readonly<Record<number, string>> = {
    40013: "the app id is wrong",
    40125: "the app secret is wrong",
    40164: "this server's address is not on the account's list of allowed addresses",
    48001: "the account has no right to service messages",
    50002: "the account is restricted",
  };
  return words[code] ?? `the platform's code ${code}`;
}
