import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { signatureOf } from "../../../src/channels/wechat/official-account/verify.ts";

/** What the platform answers to a service message; `hang`: nothing, `500`: an error page. */
export type ServiceAnswer = number | "hang" | "500";

/** WeChat's own side of an official account: its interface for servers, on loopback. */
export class OfficialAccountServer {
  readonly messages: { touser: string; text: { content: string } }[] = [];
  readonly media = new Map<string, { type: string; bytes: Uint8Array }>();
  tokensGiven = 0;
  tokenError = 0;
  /** Tokens that are refused although they were given. */
  readonly revoked = new Set<string>();
  /** Answers of the next service messages; `answer` where none is left. */
  readonly next: ServiceAnswer[] = [];
  answer: ServiceAnswer = 0;
  readonly #server = createServer((request, response) => void this.#handle(request, response));

  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", "http://platform");
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const json = (value: object) => {
      response.setHeader("Content-Type", "application/json").end(JSON.stringify(value));
    };
    if (url.pathname === "/cgi-bin/stable_token") {
      this.tokensGiven += 1;
      const { appid, secret } = JSON.parse(body);
      if (this.tokenError !== 0 || appid !== "wx1" || secret !== "s3cret") {
        return json({ errcode: this.tokenError || 40_125, errmsg: "invalid" });
      }
      return json({ access_token: `token-${this.tokensGiven}`, expires_in: 7_200 });
    }
    const token = url.searchParams.get("access_token") ?? "";
    if (!/^token-\d+$/.test(token) || this.revoked.has(token))
      return json({ errcode: 40_001, errmsg: "invalid" });
    if (url.pathname === "/cgi-bin/media/get") {
      const file = this.media.get(url.searchParams.get("media_id") ?? "");
      if (file === undefined) return json({ errcode: 40_007, errmsg: "invalid media_id" });
      response.setHeader("Content-Type", file.type).end(file.bytes);
      return;
    }
    const answer = this.next.shift() ?? this.answer;
    if (answer === 0 || answer === "hang") this.messages.push(JSON.parse(body));
    if (answer === "500") response.writeHead(500).end();
    else if (answer !== "hang") json({ errcode: answer, errmsg: answer === 0 ? "ok" : "error" });
  }
}

type AppFetch = Parameters<typeof serve>[0]["fetch"];

/** Serves an app on loopback, and calls its webhook as WeChat does. */
export class WebhookClient {
  readonly #url: string;
  readonly #token: string;
  readonly close: () => Promise<void>;

  private constructor(url: string, token: string, close: () => Promise<void>) {
    this.#url = url;
    this.#token = token;
    this.close = close;
  }

  static async serve(fetch: AppFetch, path: string, token: string): Promise<WebhookClient> {
    const server = serve({ fetch, port: 0, hostname: "127.0.0.1" });
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return new WebhookClient(`http://127.0.0.1:${port}${path}`, token, async () => {
      if ("closeAllConnections" in server) server.closeAllConnections();
      server.close();
      await once(server, "close");
    });
  }

  /** A request with WeChat's signature, or with another query where one is given. */
  request(method: "GET" | "POST", body?: string, query: Record<string, string> = {}, signal?: AbortSignal) {
    const search = new URLSearchParams({ ...this.signed(), ...query });
    return fetch(`${this.#url}?${search}`, {
      method,
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  signed(secondsAgo = 0, token = this.#token): Record<string, string> {
    const timestamp = String(Math.floor(Date.now() / 1_000) - secondsAgo);
    return { timestamp, nonce: "n1", signature: signatureOf(token, timestamp, "n1") };
  }
}

/** The XML of a post, with what every post has. */
export function postOf(fields: Record<string, string>): string {
  const all = { ToUserName: "gh_1", FromUserName: "open-1", CreateTime: "1700000000", ...fields };
  const elements = Object.entries(all).map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`);
  return `<xml>${elements.join("")}</xml>`;
}

export const textPost = (id: string, text: string, fields: Record<string, string> = {}) =>
  postOf({ MsgType: "text", Content: text, MsgId: id, ...fields });
