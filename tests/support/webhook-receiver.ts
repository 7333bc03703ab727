import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One POST that arrived. */
export interface ReceivedWebhook {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The bytes as they came: what the signature is over. */
  readonly raw: string;
  readonly body: { id: string; type: string; createdAt: string; data: Record<string, unknown> };
}

/** What the receiver does with a request; without one it answers 200. */
export type WebhookAnswer = (response: ServerResponse, received: ReceivedWebhook) => void;

export interface WebhookReceiver {
  readonly url: string;
  readonly received: readonly ReceivedWebhook[];
  /** The most requests that were under way at the same time. */
  mostAtOnce(): number;
  /** How the next requests are answered, in order; afterwards as `always` says. */
  answer(...answers: readonly WebhookAnswer[]): void;
  always(answer: WebhookAnswer): void;
  /** Resolves when so many requests have arrived in all. */
  arrived(count: number): Promise<void>;
  close(): Promise<void>;
}

/** A system that is told of events: a real HTTP server on loopback. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const received: ReceivedWebhook[] = [];
  const next: WebhookAnswer[] = [];
  const waiting = new Set<() => void>();
  let usual: WebhookAnswer = (response) => response.end("ok");
  let underWay = 0;
  let mostAtOnce = 0;
  const server = createServer(async (request, response) => {
    underWay += 1;
    mostAtOnce = Math.max(mostAtOnce, underWay);
    response.once("close", () => {
      underWay -= 1;
    });
    const raw = Buffer.concat(await request.toArray()).toString("utf8");
    const arrival = { path: request.url ?? "", headers: request.headers, raw, body: JSON.parse(raw) };
    received.push(arrival);
    for (const check of waiting) check();
    (next.shift() ?? usual)(response, arrival);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    mostAtOnce: () => mostAtOnce,
    answer: (...answers) => {
      next.push(...answers);
    },
    always: (answer) => {
      usual = answer;
    },
    arrived: (count) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const check = () => {
        if (received.length >= count) resolve();
      };
      waiting.add(check);
      check();
      return promise.finally(() => waiting.delete(check));
    },
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

export const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): WebhookAnswer =>
  (response) => {
    response.writeHead(code, headers).end();
  };

/** Whether a request is signed with this secret, as a receiver checks it by the documentation. */
export function isSigned({ headers, raw }: ReceivedWebhook, secret: string, at: Date): boolean {
  const fields = new Map(
    String(headers["niangjia-signature"])
      .split(",")
      .map((field) => field.split("=", 2) as [string, string]),
  );
  const seconds = Number(fields.get("t"));
  const expected = createHmac("sha256", secret).update(`${seconds}.${raw}`).digest("hex");
  return fields.get("v1") === expected && Math.abs(at.getTime() / 1_000 - seconds) < 300;
}
