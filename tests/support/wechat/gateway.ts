import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import type { GatewayCommands, GatewayReport } from "./gateway-process.ts";

export type { GatewayReport };

export interface GatewayOptions {
  readonly login?: "at start" | "by scan" | "never";
  /** Of a gateway that stood there before. */
  readonly port?: number;
  readonly token?: string;
}

/** A WeChat gateway in a process of its own, as far as this service sees one: real gRPC on loopback. */
export class WechatGateway {
  readonly port: number;
  readonly token: string;
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (answer: { result?: unknown; error?: string }) => void>();
  #calls = 0;

  private constructor(process: ChildProcess, port: number, token: string) {
    this.#process = process;
    this.port = port;
    this.token = token;
    process.on("message", (answer: { id: number; result?: unknown; error?: string }) =>
      this.#waiting.get(answer.id)?.(answer),
    );
  }

  static async start({ login = "at start", port, token }: GatewayOptions = {}): Promise<WechatGateway> {
    const process = fork(fileURLToPath(new URL("gateway-process.ts", import.meta.url)), {
      // wechaty starts its gRPC server in an old way, and its puppet gets one listener more with every client.
      execArgv: ["--no-warnings"],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    await once(process, "message");
    const gateway = new WechatGateway(
      process,
      port ?? (await freePort()),
      token ?? `insecure_${randomUUID()}`,
    );
    await gateway.do("listen", { port: gateway.port, token: gateway.token, login });
    return gateway;
  }

  get endpoint(): string {
    return `127.0.0.1:${this.port}`;
  }

  async do<Name extends keyof GatewayCommands>(
    name: Name,
    ...[argument]: Parameters<GatewayCommands[Name]>
  ): Promise<ReturnType<GatewayCommands[Name]>> {
    this.#calls += 1;
    const id = this.#calls;
    const answer = new Promise<{ result?: unknown; error?: string }>((resolve) =>
      this.#waiting.set(id, resolve),
    );
    this.#process.send({ id, name, argument });
    const { result, error } = await answer;
    this.#waiting.delete(id);
    if (error !== undefined) throw new Error(error);
    return result as ReturnType<GatewayCommands[Name]>;
  }

  /** It answers nothing any more, though its connections stand; `thaw` lets it go on. */
  freeze(): void {
    this.#process.kill("SIGSTOP");
  }

  thaw(): void {
    this.#process.kill("SIGCONT");
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exit = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await exit;
  }
}

/** A port of loopback that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
