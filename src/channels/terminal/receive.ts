import { createInterface, type Interface } from "node:readline/promises";
import type { Readable, Writable } from "node:stream";
import type { InboxPort } from "../../messaging/inbox.ts";
import type { PlatformAddress } from "../../messaging/platform-event.ts";
import { channelName } from "./send.ts";

export interface ChannelLogger {
  error(details: Readonly<Record<string, unknown>>, message: string): void;
}

export interface LineReaderOptions {
  readonly input: Readable;
  readonly output: Writable;
  readonly interactive: boolean;
  readonly inbox: Pick<InboxPort, "receiveEvents">;
  readonly session: string;
  readonly contact: string;
  readonly logger: ChannelLogger;
}

const goodbyes = new Set(["退出", "再见", "exit", "quit", "q"]);
const notTaken = "刚才那句没能收下，请再说一次。";

/** Hands in each line as a message, the next one only when the last is stored. */
export class LineReader {
  readonly #options: LineReaderOptions;
  readonly #address: PlatformAddress;
  #lines: Interface | undefined;
  #closed = false;
  #count = 0;

  constructor(options: LineReaderOptions) {
    this.#options = options;
    this.#address = { key: options.contact, surface: "private", data: {} };
  }

  /** Resolves at the end of the input, at a goodbye, or after `close`. A line that could not be stored is told of. */
  async read(): Promise<void> {
    if (this.#closed) return;
    const { input, output, interactive } = this.#options;
    const lines = createInterface({ input, output, terminal: interactive, prompt: "您：" });
    lines.on("SIGINT", () => lines.close());
    this.#lines = lines;
    this.prompt();
    for await (const line of lines) {
      const text = line.trim();
      if (goodbyes.has(text.toLowerCase())) break;
      if (text !== "") await this.#handIn(text);
      this.prompt();
    }
    this.close();
  }

  prompt(): void {
    if (this.#options.interactive && !this.#closed) this.#lines?.prompt(true);
  }

  close(): void {
    this.#closed = true;
    this.#lines?.close();
  }

  async #handIn(text: string): Promise<void> {
    const { inbox, session, output, logger } = this.#options;
    this.#count += 1;
    const externalId = `${session}-${this.#count}`;
    try {
      await inbox.receiveEvents(channelName, [{ type: "message", address: this.#address, externalId, text }]);
    } catch (err) {
      logger.error({ err }, "a line of the terminal could not be stored");
      output.write(`\n${notTaken}\n\n`);
    }
  }
}
