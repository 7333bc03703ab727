import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { AppError, messageOf } from "../errors.ts";

export interface ServerOptions {
  readonly app: Pick<OpenAPIHono, "fetch">;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Called when the server stops: ends the responses that would never end by themselves. */
  readonly endStreams: () => void;
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /**
   * Takes no more connections, ends the streams, and waits for the requests at hand; those that last longer than
   * `deadlineMs` milliseconds are cut off. Stopping again waits for the same end.
   */
  stop(deadlineMs: number): Promise<void>;
}

/**
 * Milliseconds in which a request must have sent its head, and all of itself: slow senders hold a connection. The
 * whole is for a photo over a bad network; a body of JSON has less (`body-in-time.ts`).
 */
const headersTimeout = 15_000;
const requestTimeout = 600_000;

/** Milliseconds between looks for connections that have become idle while the server stops. */
const idleCheck = 25;

/** Listens. Throws `http.cannot_listen` with what to do where the port is taken or not allowed. */
export async function startServer({ app, host, port, endStreams }: ServerOptions): Promise<RunningServer> {
  const server = createAdaptorServer({
    fetch: (request, env) => app.fetch(request, env),
    serverOptions: { headersTimeout, requestTimeout },
  });
  if (!("closeIdleConnections" in server)) {
    throw new Error("The adaptor did not make an HTTP/1 server.");
  }
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(cannotListen(host, port, cause)));
    server.listen(port, host, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  let stopping: Promise<void> | undefined;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${taken}`,
    port: taken,
    stop: (deadlineMs) => {
      stopping ??= new Promise((resolve) => {
        const idle = setInterval(() => server.closeIdleConnections(), idleCheck);
        const deadline = setTimeout(() => server.closeAllConnections(), deadlineMs);
        server.close(() => {
          clearInterval(idle);
          clearTimeout(deadline);
          resolve();
        });
        endStreams();
      });
      return stopping;
    },
  };
}

function cannotListen(host: string, port: number, cause: unknown): AppError {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  const hint =
    code === "EADDRINUSE"
      ? "Another program uses the port: stop it, or set PORT to another number."
      : "Check HOST and PORT.";
  return new AppError(
    "http.cannot_listen",
    `Cannot listen on ${host}:${port}: ${messageOf(cause)}. ${hint}`,
    { cause },
  );
}
