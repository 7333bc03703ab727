import type { Socket } from "node:net";
import { AppError, messageOf } from "../errors.ts";
import {
  type ControlHandler,
  type ControlReply,
  controlRequest,
  unexpectedFailure,
} from "./control-protocol.ts";
import { longestLine, readJsonLines, writeJsonLine } from "./json-lines.ts";

/** Bytes that may wait for a slow client before its progress lines are dropped. */
const fullBuffer = 65_536;

/** Milliseconds that a client gets to read the last answers when the owner closes. */
const lastWords = 1_000;

/** The owner's side of one connection: runs its commands and answers them. */
export class ControlSession {
  readonly #socket: Socket;
  readonly #handlers: Readonly<Record<string, ControlHandler>>;
  readonly #gone = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(socket: Socket, handlers: Readonly<Record<string, ControlHandler>>) {
    this.#socket = socket;
    this.#handlers = handlers;
    // A client that goes away mid-line is ordinary; "close" follows and ends its commands.
    socket.on("error", () => {});
    socket.on("close", () => this.#gone.abort());
    readJsonLines(socket, (value) => this.#accept(value));
  }

  /** Aborts what runs, waits until it has ended and been answered, and closes the connection. */
  async close(): Promise<void> {
    this.#gone.abort();
    await Promise.all(this.#running);
    this.#socket.destroySoon();
    const timer = setTimeout(() => this.#socket.destroy(), lastWords);
    this.#socket.once("close", () => clearTimeout(timer));
  }

  #accept(value: unknown): void {
    const request = controlRequest.safeParse(value);
    if (!request.success) {
      this.#socket.destroy();
      return;
    }
    const { id, command, args } = request.data;
    const run = this.#run(id, command, args).finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  async #run(id: number, command: string, args: unknown): Promise<void> {
    try {
      const handler = Object.hasOwn(this.#handlers, command) ? this.#handlers[command] : undefined;
      if (handler === undefined) {
        throw new AppError(
          "storage.data_dir_in_use",
          `The process that uses this data folder takes no command "${command}". Wait until it has ended, or stop it.`,
        );
      }
      const result = await handler(args, (progress) => this.#report({ id, progress }), this.#gone.signal);
      this.#answer({ id, result: result ?? null });
    } catch (error) {
      const { code, shown } =
        error instanceof AppError ? error : { code: unexpectedFailure, shown: undefined };
      this.#answer({
        id,
        error: { code, message: messageOf(error), ...(shown === undefined ? {} : { shown }) },
      });
    }
  }

  #report(reply: ControlReply): void {
    if (this.#socket.writableLength < fullBuffer) {
      writeJsonLine(this.#socket, reply);
    }
  }

  #answer(reply: ControlReply): void {
    if (!writeJsonLine(this.#socket, reply)) {
      const message = `The answer is longer than ${longestLine} characters; ask for less.`;
      writeJsonLine(this.#socket, { id: reply.id, error: { code: unexpectedFailure, message } });
    }
  }
}
