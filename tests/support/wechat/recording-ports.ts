import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../../src/errors.ts";
import type { ReceivedEvent } from "../../../src/messaging/conversation-store.ts";
import type { FileStore, KeptFile } from "../../../src/messaging/file-store.ts";
import type { PlatformEvent } from "../../../src/messaging/platform-event.ts";

/** An inbox that keeps what it is handed, and can be away. */
export class RecordingInbox {
  readonly events: PlatformEvent[] = [];
  /** Thrown instead of storing, while it is set. */
  failure: Error | undefined;
  attempts = 0;
  readonly #known = new Set<string>();

  async receiveEvents(_channel: string, events: readonly PlatformEvent[]): Promise<ReceivedEvent[]> {
    this.attempts += 1;
    if (this.failure !== undefined) throw this.failure;
    return events.map((event) => {
      const conversationId = `conversation of ${event.address.key}`;
      const key = event.type === "message" ? `${event.address.key} ${event.externalId}` : undefined;
      const isKnown = key !== undefined && this.#known.has(key);
      if (!isKnown) this.events.push(event);
      if (key !== undefined) this.#known.add(key);
      return {
        outcome: isKnown ? "duplicate" : event.type === "message" ? "stored" : "applied",
        conversationId,
        isNew: false,
      };
    });
  }

  /** The texts of the messages. */
  get texts(): string[] {
    return this.events.flatMap((event) => (event.type === "message" ? event.text : []));
  }
}

export const storeAway = () => new AppError("storage.unavailable", "The database is away.");

/** A file store in memory that honours its limit. */
export class MemoryFiles implements FileStore {
  readonly kept = new Map<string, Buffer>();

  async save(id: string, content: AsyncIterable<Uint8Array>, mostBytes: number): Promise<KeptFile> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of content) {
      size += chunk.byteLength;
      if (size > mostBytes) throw new AppError("files.too_large", "The file is too large.");
      chunks.push(chunk);
    }
    const bytes = Buffer.concat(chunks);
    this.kept.set(id, bytes);
    return { hash: sha256(bytes), size };
  }

  async open(id: string): Promise<Readable | undefined> {
    const bytes = this.kept.get(id);
    return bytes === undefined ? undefined : Readable.from([bytes]);
  }

  async remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.kept.delete(id);
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export interface LogLine {
  readonly level: "info" | "warn" | "error";
  readonly details: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A logger that keeps its lines. */
export function recordingLogger() {
  const lines: LogLine[] = [];
  const at = (level: LogLine["level"]) => (details: Readonly<Record<string, unknown>>, message: string) =>
    void lines.push({ level, details, message });
  return { lines, info: at("info"), warn: at("warn"), error: at("error") };
}

/** Resolves as soon as it holds. Rejects with what was waited for where it does not within `ms`. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  ms = 20_000,
): Promise<void> {
  for (const end = Date.now() + ms; ; ) {
    if (await holds()) return;
    if (Date.now() > end) throw new Error(`Waited in vain: ${what}`);
    await sleep(10);
  }
}
