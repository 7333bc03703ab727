import { join } from "node:path";
import { dataFolder } from "../app.ts";
import { FileRefused } from "../attachments/file-refused.ts";
import { keepFile } from "../attachments/keep-file.ts";
import { createPictureReader } from "../attachments/picture-reader.ts";
import { AttachmentPreparer } from "../attachments/prepare-attachments.ts";
import { createSilkDecoder } from "../attachments/silk-decoder.ts";
import type { TextReader } from "../attachments/text-reader.ts";
import { createTranscriber } from "../attachments/transcriber.ts";
import type { Channel } from "../channels/channel.ts";
import type { KeepUpload } from "../channels/web/uploads.ts";
import type { Config } from "../config.ts";
import { AppError } from "../errors.ts";
import type { TurnWork } from "../messaging/conversation-store.ts";
import type { FileStore } from "../messaging/file-store.ts";
import type { StoredMessage } from "../messaging/message.ts";
import { SqlAttachmentStore } from "../storage/attachment-store.ts";
import type { Database } from "../storage/database.ts";
import { createFolderFiles } from "../storage/file-folder.ts";
import { createS3Files } from "../storage/s3-files.ts";
import type { Logger } from "../telemetry/logger.ts";

export interface Attachments {
  readonly files: FileStore;
  readonly store: SqlAttachmentStore;
  readonly keepUpload: KeepUpload;
  /** The channels that announce files, by which their bytes are fetched. */
  useChannels(channels: readonly Channel[]): void;
  prepare(work: TurnWork, signal: AbortSignal): Promise<readonly StoredMessage[]>;
  /** Ends the helper processes that read voices and pictures. */
  close(): void;
}

/** Where files of contacts are kept, and who reads voices and pictures. Throws where a setting cannot be served. */
export async function createAttachments(
  config: Config,
  { db }: Database,
  logger: Logger,
): Promise<Attachments> {
  const files = await openFiles(config);
  const store = new SqlAttachmentStore({ db, now: () => new Date() });
  const { readers, close } = createReaders(config);
  const mostBytes = config.files.longest;
  const preparer = new AttachmentPreparer({ files, store, readers, mostBytes, logger });
  let channels = new Map<string, Channel>();
  return {
    files,
    store,
    keepUpload: async (upload, content, most) => {
      try {
        return await keepFile(files, upload, content, most);
      } catch (error) {
        if (error instanceof FileRefused) return { refused: error.reason };
        if (error instanceof AppError && error.code === "files.too_large") return { refused: "too_large" };
        throw error;
      }
    },
    useChannels: (all) => {
      channels = new Map(all.map((channel) => [channel.name, channel]));
    },
    prepare: ({ conversation, messages }, signal) => {
      const channel = channels.get(conversation.channel);
      return preparer.prepare(messages, channel?.fetchFile?.bind(channel), signal);
    },
    close,
  };
}

async function openFiles(config: Config): Promise<FileStore> {
  const folder = join(dataFolder(config), "files");
  const { url, accessKey, secretKey } = config.files;
  if (url === undefined) return createFolderFiles(folder);
  const bucket = createS3Files({ url, accessKey, secretKey, spoolFolder: folder });
  await bucket.check();
  return bucket;
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
