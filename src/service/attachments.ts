import { join } from "node:path";
import { dataFolder } from "../app.ts";
import type { Channel } from "../channels/channel.ts";
import type { CheckUpload } from "../channels/web/uploads.ts";
import type { Config } from "../config.ts";
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
  readonly checkUpload: CheckUpload;
  /** The channels that announce files, by which their bytes are fetched. */
  useChannels(channels: readonly Channel[]): void;
  prepare(work: TurnWork, signal: AbortSignal): Promise<readonly StoredMessage[]>;
}

export async function createAttachments(
  config: Config,
  { db }: Database,
  _logger: Logger,
): Promise<Attachments> {
  const folder = join(dataFolder(config), "files");
  const { url, accessKey, secretKey } = config.files;
  const files =
    url === undefined
      ? await createFolderFiles(folder)
      : createS3Files({ url, accessKey, secretKey, spoolFolder: folder });
  return {
    files,
    store: new SqlAttachmentStore({ db, now: () => new Date() }),
    checkUpload: () => ({ mimeType: "application/octet-stream" }),
    useChannels: () => {},
    prepare: async (work) => work.messages,
  };
}
