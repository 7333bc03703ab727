import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../errors.ts";
import type { FileStore } from "../messaging/file-store.ts";
import type { Attachment, StoredMessage } from "../messaging/message.ts";
import type { RefusalReason } from "../messaging/refusal-reason.ts";
import { atMost } from "./at-most.ts";
import type { AttachmentStore } from "./attachment-store.ts";
import { FileRefused } from "./file-refused.ts";
import { keepFile } from "./keep-file.ts";
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
}

/** Files that are fetched at once, over all conversations. */
const fetchedAtOnce = 4;

/**
 * Prepares a burst for its turn: what its messages announce is fetched, looked at and kept; voices and pictures are
 * read where a reader is there. Returns the messages with their attachments as they are then. A bad file is a
 * state with a reason, never an error; done again after a crash it comes to the same. Rejects where the database
 * is away, and with the signal's reason.
 */
export class AttachmentPreparer {
  readonly #options: PrepareOptions;
  readonly #fetching = atMost(fetchedAtOnce);

  constructor(options: PrepareOptions) {
    this.#options = options;
  }

  async prepare(
    messages: readonly StoredMessage[],
    fetchFile: FetchFile | undefined,
    signal: AbortSignal,
  ): Promise<StoredMessage[]> {
    const time = AbortSignal.timeout(this.#options.burstMs ?? 40_000);
    return settled(
      messages.map(async (message) =>
        message.attachments === undefined
          ? message
          : {
              ...message,
              attachments: await settled(
                message.attachments.map((attachment) => this.#prepare(attachment, fetchFile, time, signal)),
              ),
            },
      ),
    );
  }

  async #prepare(
    attachment: Attachment,
    fetchFile: FetchFile | undefined,
    time: AbortSignal,
    signal: AbortSignal,
  ): Promise<Attachment> {
    const kept =
      attachment.state === "announced"
        ? await this.#fetching(() => this.#keep(attachment, fetchFile, time, signal))
        : attachment;
    return this.#read(kept, time, signal);
  }

  async #keep(
    attachment: Attachment,
    fetchFile: FetchFile | undefined,
    time: AbortSignal,
    signal: AbortSignal,
  ): Promise<Attachment> {
    signal.throwIfAborted();
    const { store, logger } = this.#options;
    const { reason: _, reference: __, ...known } = attachment;
    const kept = await this.#fetchOrFind(attachment, fetchFile, time, signal);
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
  async #fetchOrFind(
    attachment: Attachment,
    fetchFile: FetchFile | undefined,
    time: AbortSignal,
    signal: AbortSignal,
  ) {
    const { files, fileMs, mostBytes } = this.#options;
    if ((attachment.size ?? 0) > mostBytes) return "too_large" satisfies RefusalReason;
    const fileTime = AbortSignal.any([time, AbortSignal.timeout(fileMs ?? 20_000)]);
    const fetched = await this.#attempt(
      () => this.#fetch(attachment, fetchFile, fileTime, signal),
      fileTime,
      signal,
    );
    if (fetched !== "gone" && fetched !== "timeout" && fetched !== "unavailable") return fetched;
    const found = await this.#attempt(
      async () => {
        const content = await files.open(attachment.id);
        if (content === undefined) throw new FileRefused(fetched);
        return keepFile(files, attachment, content, mostBytes);
      },
      time,
      signal,
    );
    return typeof found === "string" ? fetched : found;
  }

  async #fetch(
    attachment: Attachment,
    fetchFile: FetchFile | undefined,
    time: AbortSignal,
    signal: AbortSignal,
  ) {
    const { reference } = attachment;
    if (reference === undefined) throw new FileRefused("gone");
    if (fetchFile === undefined) throw new FileRefused("unsupported");
    const { files, mostBytes, retryMs } = this.#options;
    const stop = AbortSignal.any([time, signal]);
    const once = async () =>
      keepFile(
        files,
        attachment,
        untilAborted(await orAborted(fetchFile(reference, stop), stop), stop),
        mostBytes,
      );
    try {
      return await once();
    } catch (error) {
      if (reasonOf(error) !== "unavailable") throw error;
      await sleep(retryMs ?? 500, undefined, { signal: stop });
      return once();
    }
  }

  /** The outcome or the reason why there is none; rejects with the reason of `signal` only. */
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
      const reason = time.aborted ? "timeout" : reasonOf(error);
      if (reason === "unavailable")
        this.#options.logger.warn({ err: error }, "a file could not be fetched or kept");
      return reason;
    }
  }

  async #read(attachment: Attachment, time: AbortSignal, signal: AbortSignal): Promise<Attachment> {
    const { id, state, mimeType = "", size = 0, text } = attachment;
    if (state !== "stored" || text !== undefined) return attachment;
    const { files, store, readers, logger } = this.#options;
    const reader = readers.find((candidate) => candidate.reads(mimeType, size));
    if (reader === undefined) return attachment;
    const stop = AbortSignal.any([time, signal]);
    let read: string;
    try {
      const content = await orAborted(files.open(id), stop);
      if (content === undefined) return attachment;
      const bytes = await orAborted(buffer(content), stop);
      read = tidy(await orAborted(reader.read({ bytes, mimeType }, stop), stop));
    } catch (error) {
      signal.throwIfAborted();
      logger.warn({ attachmentId: id, reader: reader.name, err: error }, "a file could not be read");
      return attachment;
    }
    if (read === "") return attachment;
    await store.setText(id, read);
    return { ...attachment, text: read };
  }
}

/** Why an error keeps a file from being kept. */
export function reasonOf(error: unknown): RefusalReason {
  if (error instanceof FileRefused) return error.reason;
  if (!(error instanceof AppError)) return "unavailable";
  if (error.code === "files.too_large") return "too_large";
  return error.code === "files.gone" ? "gone" : "unavailable";
}

/** All of them, or the first rejection once none goes on. */
async function settled<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

function tidy(text: string): string {
  const clean = text
    .toWellFormed()
    .replace(/[\p{Cc}--[\n\t]]/gv, "")
    .trim();
  return clean.slice(0, longestReadText).toWellFormed();
}
