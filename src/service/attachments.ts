import { openFiles } from "../app.ts";
import type { KeptAttachment } from "../attachments/attachment-store.ts";
import { type FileToKeep, keepFile, keepOrRefuse } from "../attachments/keep-file.ts";
import { createPictureReader } from "../attachments/picture-reader.ts";
import { AttachmentPreparer } from "../attachments/prepare-attachments.ts";
import { createSilkDecoder } from "../attachments/silk-decoder.ts";
import type { TextReader } from "../attachments/text-reader.ts";
import { createTranscriber } from "../attachments/transcriber.ts";
import type { Channel } from "../channels/channel.ts";
import type { KeepUpload } from "../channels/web/uploads.ts";
import type { Config } from "../config.ts";
import type { TurnWork } from "../messaging/conversation-store.ts";
import type { FileStore } from "../messaging/file-store.ts";
import type { StoredMessage } from "../messaging/message.ts";
import { SqlAttachmentStore } from "../storage/attachment-store.ts";
import type { Database } from "../storage/database.ts";
import { removeFiles } from "../storage/retention.ts";
import type { Logger } from "../telemetry/logger.ts";
import { filesOfOne } from "./files-of-one.ts";

export interface Attachments {
  readonly files: FileStore;
  readonly store: SqlAttachmentStore;
  readonly keepUpload: KeepUpload;
  /** Looks at a file and keeps it; throws where it must not be kept. */
  readonly keep: (
    file: FileToKeep,
    content: AsyncIterable<Uint8Array>,
    most: number,
  ) => Promise<KeptAttachment>;
  /** How to know whether this process is alone on its database: a folder takes files only then. */
  useAlone(isAlone: () => boolean): void;
  /** The channels that announce files, by which their bytes are fetched. */
  useChannels(channels: readonly Channel[]): void;
  prepare(work: TurnWork, signal: AbortSignal): Promise<readonly StoredMessage[]>;
  /** Removes the files of what was deleted, in the background. What does not go is left to the hourly job. */
  removeDeleted(): void;
  /** Ends the helper processes that read voices and pictures, and waits for what is being removed. */
  close(): Promise<void>;
}

/** Milliseconds for all files of a burst: of an attempt's 45 s the rest is for the answer. */
const filesOfBurstMs = 25_000;

/** Where files of contacts are kept, and who reads voices and pictures. Throws where a setting cannot be served. */
export async function createAttachments(
  config: Config,
  { db }: Database,
  logger: Logger,
): Promise<Attachments> {
  let alone = () => true;
  const opened = await openFiles(config);
  const files = config.files.url === undefined ? filesOfOne(opened, () => alone()) : opened;
  const store = new SqlAttachmentStore({ db, now: () => new Date() });
  const { readers, close } = createReaders(config);
  const mostBytes = config.files.longest;
  const preparer = new AttachmentPreparer({
    files,
    store,
    readers,
    mostBytes,
    logger,
    burstMs: filesOfBurstMs,
  });
  let channels = new Map<string, Channel>();
  let removing: Promise<unknown> = Promise.resolve();
  return {
    files,
    store,
    keep: (file, content, most) => keepFile(files, file, content, most),
    keepUpload: (upload, content, most) => keepOrRefuse(files, upload, content, most),
    useAlone: (isAlone) => {
      alone = isAlone;
    },
    useChannels: (all) => {
      channels = new Map(all.map((channel) => [channel.name, channel]));
    },
    prepare: ({ conversation, messages }, signal) => {
      const channel = channels.get(conversation.channel);
      return preparer.prepare(messages, channel?.fetchFile?.bind(channel), signal);
    },
    removeDeleted: () => {
      removing = removing
        .then(() => removeFiles(db, files, new Date()))
        .catch((err: unknown) =>
          logger.warn({ err }, "the files of what was deleted could not be removed yet"),
        );
    },
    close: async () => {
      close();
      await removing;
    },
  };
}

function createReaders({ transcribe, ocr }: Config): { readers: TextReader[]; close: () => void } {
  const readers: TextReader[] = [];
  const closers: (() => void)[] = [];
  if (transcribe !== undefined) {
    const silk = createSilkDecoder();
    readers.push(createTranscriber({ ...transcribe, ...(silk === undefined ? {} : { silk }) }));
    if (silk !== undefined) closers.push(() => silk.close());
  }
  if (ocr) {
    const reader = createPictureReader();
    readers.push(reader);
    closers.push(() => reader.close());
  }
  return {
    readers,
    close: () => {
      for (const close of closers) close();
    },
  };
}
