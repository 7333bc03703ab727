import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../errors.ts";
import type { FileStore } from "../messaging/file-store.ts";
import type { Attachment, StoredMessage } from "../messaging/message.ts";
import type { RefusalReason } from "../messaging/refusal-reason.ts";
import { atMost } from "./at-most.ts";
import type { AttachmentStore, KeptAttachment } from "./attachment-store.ts";
import { FileRefused } from "./file-refused.ts";
import { keepFile } from "./keep-file.ts";
import { refusalOf } from "./refusal-of.ts";
import { longestReadText, type TextReader } from "./text-reader.ts";
import { orAborted, untilAborted } from "./until-aborted.ts";

/** The bytes of an attachment, from the channel that announced it. Rejects with `files.gone` where they are no more. */
export type FetchFile = (reference: string, signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>;

/** The part of the service's logger that is needed here; pino has this shape. */
export interface AttachmentLogger {
  info(details: Readonly<Record<string, unknown>>, message: string): void;
  warn(details: Readonly<Record<string, unknown>>, message: string): void;
}

export interface PrepareOptions {
  readonly files: FileStore;
  readonly store: AttachmentStore;
  /** Asked in this order; the first that can read a file does. */
  readonly readers: readonly TextReader[];
  /** Largest file that is kept. */
  readonly mostBytes: number;
  readonly logger: AttachmentLogger;
  /** Milliseconds for fetching and keeping one file, its second try too. Default 20,000. */
  readonly fileMs?: number;
  /** Milliseconds for all files of a burst; what is not kept by then is refused, what is not read has no text. Default 40,000. */
  readonly burstMs?: number;
  /** Milliseconds before a file that could not be fetched is tried again. Default 500. */
  readonly retryMs?: number;
  /** A signal that fires after so many milliseconds. Default: `AbortSignal.timeout`. */
  readonly timeLimit?: (ms: number) => AbortSignal;
}

/** Files of one burst that are fetched at once. */
const fetchedAtOnce = 4;

/** What the work on one burst shares. */
interface Burst {
  readonly fetchFile: FetchFile | undefined;
  readonly inTurn: ReturnType<typeof atMost>;
  /** Fires when the time for all files is over. */
  readonly time: AbortSignal;
  /** Fires when the turn is given up. */
  readonly signal: AbortSignal;
}

/**
 * Prepares a burst for its turn: what its messages announce is fetched, looked at and kept; voices and pictures are
 * read where a reader is there. Returns the messages with their attachments as they are then. A bad file is a
 * state with a reason, never an error; done again after a crash it comes to the same. Rejects where the database
 * is away, and with the signal's reason.
 */
export class AttachmentPreparer {
  readonly #options: PrepareOptions;
  readonly #timeLimit: (ms: number) => AbortSignal;
  readonly #reading: ReadonlyMap<TextReader, ReturnType<typeof atMost>>;

  constructor(options: PrepareOptions) {
    this.#options = options;
    this.#timeLimit = options.timeLimit ?? ((ms) => AbortSignal.timeout(ms));
    this.#reading = new Map(options.readers.map((reader) => [reader, atMost(reader.atOnce)]));
  }

  async prepare(
    messages: readonly StoredMessage[],
    fetchFile: FetchFile | undefined,
    signal: AbortSignal,
  ): Promise<StoredMessage[]> {
    if (messages.every(({ attachments }) => attachments === undefined)) return [...messages];
    const time = this.#timeLimit(this.#options.burstMs ?? 40_000);
    const burst: Burst = { fetchFile, inTurn: atMost(fetchedAtOnce), time, signal };
    return settled(
      messages.map(async (message) => {
        const { attachments } = message;
        if (attachments === undefined) return message;
        return {
          ...message,
          attachments: await settled(attachments.map((one) => this.#prepare(one, burst))),
        };
      }),
    );
  }

  async #prepare(attachment: Attachment, burst: Burst): Promise<Attachment> {
    const kept =
      attachment.state === "announced" ? await burst.inTurn(() => this.#keep(attachment, burst)) : attachment;
    return this.#read(kept, burst);
  }

  async #keep(attachment: Attachment, burst: Burst): Promise<Attachment> {
    const { store, logger } = this.#options;
    const { reason: _, reference: __, ...known } = attachment;
    const kept = await this.#fetchOrFind(attachment, burst);
    if (typeof kept === "string") {
      await store.markRefused(attachment.id, kept);
      logger.info(
        { attachmentId: attachment.id, kind: attachment.kind, reason: kept },
        "a file was not kept",
      );
      return { ...known, state: "refused", reason: kept };
    }
    const isStill = await store.markStored(attachment.id, kept);
    return isStill ? { ...known, ...kept, state: "stored" } : { ...known, state: "refused", reason: "gone" };
  }

  /** The file from its channel; else, where a former attempt at this turn kept it before it died, that copy. */
  async #fetchOrFind(attachment: Attachment, burst: Burst): Promise<KeptAttachment | RefusalReason> {
    const { files, fileMs, mostBytes } = this.#options;
    if ((attachment.size ?? 0) > mostBytes) return "too_large";
    const time = AbortSignal.any([burst.time, this.#timeLimit(fileMs ?? 20_000)]);
    const fetched = await this.#attempt(
      () => this.#fetch(attachment, { ...burst, time }),
      time,
      burst.signal,
    );
    if (fetched !== "gone" && fetched !== "timeout" && fetched !== "unavailable") return fetched;
    const found = await this.#attempt(
      async () => {
        const content = await files.open(attachment.id);
        if (content === undefined) throw new FileRefused(fetched);
        return keepFile(files, attachment, content, mostBytes);
      },
      burst.time,
      burst.signal,
    );
    return typeof found === "string" ? fetched : found;
  }

  async #fetch(attachment: Attachment, { fetchFile, time, signal }: Burst): Promise<KeptAttachment> {
    const { reference } = attachment;
    if (reference === undefined) throw new FileRefused("gone");
    if (fetchFile === undefined) throw new FileRefused("unsupported");
    const { files, mostBytes, retryMs } = this.#options;
    const stop = AbortSignal.any([time, signal]);
    const once = async () => {
      stop.throwIfAborted();
      const content = await orAborted(fetchFile(reference, stop), stop);
      return keepFile(files, attachment, untilAborted(content, stop), mostBytes);
    };
    try {
      return await once();
    } catch (error) {
      if (stop.aborted || refusalOf(error) !== "unavailable") throw error;
      await sleep(retryMs ?? 500, undefined, { signal: stop });
      return once();
    }
  }

  /** The outcome, or the reason why there is none; rejects with the reason of `signal` only. */
  async #attempt<T>(
    work: () => Promise<T>,
    time: AbortSignal,
    signal: AbortSignal,
  ): Promise<T | RefusalReason> {
    try {
      // Also where the file store hangs.
      return await orAborted(work(), AbortSignal.any([time, signal]));
    } catch (error) {
      signal.throwIfAborted();
      const reason = time.aborted ? "timeout" : refusalOf(error);
      if (reason === "unavailable")
        this.#options.logger.warn({ error: outline(error) }, "a file could not be fetched or kept");
      return reason;
    }
  }

  async #read(attachment: Attachment, { time, signal }: Burst): Promise<Attachment> {
    const { id, kind, state, mimeType = "", size = 0, text } = attachment;
    if (state !== "stored" || text !== undefined) return attachment;
    const { store, readers, logger } = this.#options;
    const reader = readers.find((candidate) => candidate.reads({ kind, mimeType, size }));
    if (reader === undefined) return attachment;
    let read: string | undefined;
    try {
      const stop = AbortSignal.any([time, signal]);
      read = await this.#reading.get(reader)?.(() => this.#textOf(id, mimeType, reader, stop));
    } catch (error) {
      signal.throwIfAborted();
      logger.warn(
        { attachmentId: id, reader: reader.name, error: outline(error) },
        "a file could not be read",
      );
    }
    if (read === undefined || read === "") return attachment;
    await store.setText(id, read);
    return { ...attachment, text: read };
  }

  async #textOf(id: string, mimeType: string, reader: TextReader, stop: AbortSignal): Promise<string> {
    stop.throwIfAborted();
    const content = await orAborted(this.#options.files.open(id), stop);
    if (content === undefined) return "";
    const bytes = await orAborted(buffer(content), stop);
    return tidy(await orAborted(reader.read({ bytes, mimeType }, stop), stop));
  }
}

/** All of them, or the first rejection once none goes on. */
async function settled<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

/** What a log may hold: a foreign error's message can have an address with a token in it. */
function outline(error: unknown): string {
  if (error instanceof AppError) return error.message;
  return error instanceof Error ? error.name : "unknown";
}

function tidy(text: string): string {
  const clean = text
    .toWellFormed()
    .replace(/[\p{Cc}--[\n\t]]/gv, "")
    .trim();
  return clean.slice(0, longestReadText).toWellFormed();
}
