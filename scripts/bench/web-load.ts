import { Agent, request } from "node:http";
import type { Replicas } from "../processes/replicas.ts";

interface Visitor {
  readonly token: string;
  readonly base: string;
  seq: number;
}

/** Web visitors who write as fast as they are let and read their replies by polling. */
export class WebLoad {
  readonly #visitors: readonly Visitor[];
  readonly #agent: Agent;
  #written = 0;

  private constructor(visitors: readonly Visitor[], agent: Agent) {
    this.#visitors = visitors;
    this.#agent = agent;
  }

  static async open({ urls }: Replicas, count: number): Promise<WebLoad> {
    const agent = new Agent({ keepAlive: true, maxSockets: 32 });
    const visitors: Visitor[] = [];
    await side(32, count, async (index) => {
      const base = urls[index % urls.length] ?? "";
      const { token } = (await call(agent, base, "POST", "/api/visitors", {})) as { token: string };
      visitors.push({ token, base, seq: 0 });
    });
    return new WebLoad(visitors, agent);
  }

  /** Writes and reads until every message has its reply; messages a second from the first write to the last reply. */
  async run(messages: number, textOf: (index: number) => string): Promise<number> {
    const began = performance.now();
    await this.write(messages, textOf);
    await side(32, this.#visitors.length, async (index) => {
      const visitor = this.#visitors[index];
      while (visitor !== undefined && (await this.#pending(visitor))) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    });
    return (messages / (performance.now() - began)) * 1_000;
  }

  /** Writes without reading. */
  async write(messages: number, textOf: (index: number) => string): Promise<void> {
    const first = this.#written;
    this.#written += messages;
    await side(32, messages, async (index) => {
      const visitor = this.#visitors[index % this.#visitors.length];
      if (visitor === undefined) return;
      const body = { clientId: `${first + index}`, text: textOf(index) };
      await call(this.#agent, visitor.base, "POST", "/api/messages", body, visitor.token);
    });
  }

  async #pending(visitor: Visitor): Promise<boolean> {
    const path = `/api/messages?after=${visitor.seq}`;
    const page = (await call(this.#agent, visitor.base, "GET", path, undefined, visitor.token)) as {
      messages: { seq: number }[];
      pending: boolean;
    };
    visitor.seq = page.messages.at(-1)?.seq ?? visitor.seq;
    return page.pending || page.messages.length > 0;
  }
}

/** So many at once until all are done. */
async function side(atOnce: number, count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < count) await work(next++);
    }),
  );
}

/** A connection that the server closed in the same moment is no failure: the same request may be made again. */
async function call(...request: Parameters<typeof callOnce>): Promise<unknown> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await callOnce(...request);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ECONNRESET" || tries === 3) throw error;
    }
  }
}

function callOnce(
  agent: Agent,
  base: string,
  method: string,
  path: string,
  body?: unknown,
  token?: string,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      new URL(path, base),
      {
        agent,
        method,
        headers: {
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () => {
          if ((response.statusCode ?? 500) < 300) resolve(text === "" ? undefined : JSON.parse(text));
          else reject(new Error(`${path} answers ${response.statusCode}`));
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
