import type { Readable } from "node:stream";
import { type Entry, fromBuffer, type ZipFile } from "yauzl";
import { AppError } from "../../errors.ts";
import type { SourceFile } from "./document-format.ts";
import { limits } from "./limits.ts";
import { refuseDocument } from "./refuse-document.ts";

/**
 * Proves that a zip archive is harmless before a library inflates it into memory: every entry is inflated here
 * and thrown away while its bytes are counted. The sizes that the archive states about itself are never believed.
 *
 * @throws AppError `knowledge.document_refused` for too many entries, too many bytes, too high a ratio, encryption
 *   or damage.
 */
export async function checkArchive(file: SourceFile, signal?: AbortSignal): Promise<void> {
  let inflated = 0;
  try {
    const archive = await openArchive(file.bytes);
    if (archive.entryCount > limits.archiveEntries) throw tooLarge(file.name);
    for await (const entry of entriesOf(archive)) {
      if (entry.isEncrypted()) {
        throw refuseDocument(file.name, "password_protected", "文档有密码保护，请去掉密码后重新上传");
      }
      const stream = await openEntry(archive, entry);
      for await (const part of stream) {
        signal?.throwIfAborted();
        inflated += (part as Buffer).length;
        const ratioPassed =
          inflated > limits.ratioFromBytes && inflated > file.bytes.length * limits.archiveRatio;
        if (inflated > limits.archiveBytes || ratioPassed) throw tooLarge(file.name);
      }
    }
  } catch (error) {
    if (error instanceof AppError || signal?.aborted === true) throw error;
    throw refuseDocument(file.name, "archive_damaged", "docx 文件已损坏或不完整，请重新另存后上传", error);
  }
}

function tooLarge(name: string): AppError {
  const message = "docx 解压后过大或条目过多（疑似压缩炸弹），已拒绝；请删去图片等附件后重新另存";
  return refuseDocument(name, "archive_too_large", message);
}

function openArchive(bytes: Uint8Array): Promise<ZipFile> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return new Promise((resolve, reject) => {
    fromBuffer(buffer, { lazyEntries: true, validateEntrySizes: false }, (error, archive) => {
      if (error === null) resolve(archive);
      else reject(error);
    });
  });
}

async function* entriesOf(archive: ZipFile): AsyncGenerator<Entry> {
  const failed = new Promise<never>((_, reject) => archive.on("error", reject));
  // Also an error between two entries has a listener; it is thrown at the next one.
  failed.catch(() => undefined);
  for (let read = 0; read < archive.entryCount; read += 1) {
    const entry = new Promise<Entry>((resolve) => archive.once("entry", resolve));
    archive.readEntry();
    yield await Promise.race([entry, failed]);
  }
}

function openEntry(archive: ZipFile, entry: Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    archive.openReadStream(entry, (error, stream) => {
      if (error === null) resolve(stream);
      else reject(error);
    });
  });
}
