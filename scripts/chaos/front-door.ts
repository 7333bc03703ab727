import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Replicas } from "../processes/replicas.ts";

/** Stands before all processes, as a load balancer does, and hands on what a platform posts. */
export interface FrontDoor {
  readonly url: string;
  /** Requests that reached several processes at once, or were taken and answered as if they were not. */
  readonly disturbed: number;
  close(): Promise<void>;
}

/**
 * Each request goes to one process that lives; a tenth to all of them at the same moment, and of another twentieth the
 * platform never hears that it was taken: both come as duplicates.
 */
export async function startFrontDoor(replicas: Replicas, random: () => number): Promise<FrontDoor> {
  let disturbed = 0;

  async function handOn(request: IncomingMessage): Promise<number> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    const body = Buffer.concat(chunks);
    const living = replicas.urls.filter((url) => url !== undefined);
    const first = living[Math.floor(random() * living.length)];
    if (first === undefined) return 502;
    const chance = random();
    const targets = chance < 0.1 ? living : [first];
    if (chance < 0.15) disturbed += 1;
    const statuses = await Promise.all(targets.map((url) => post(url + (request.url ?? ""), request, body)));
    return chance >= 0.1 && chance < 0.15 ? 504 : Math.max(...statuses);
  }

  const server = createServer((request, response) => {
    handOn(request).then(
      (status) => response.writeHead(status).end(),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get disturbed() {
      return disturbed;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function post(
  url: string,
  { headers }: IncomingMessage,
  body: Uint8Array<ArrayBuffer>,
): Promise<number> {
  const secret = headers["x-telegram-bot-api-secret-token"];
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      headers: {
        "content-type": headers["content-type"] ?? "",
        ...(typeof secret === "string" ? { "x-telegram-bot-api-secret-token": secret } : {}),
      },
      signal: AbortSignal.timeout(10_000),
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 502;
  }
}
