import { createHash, randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { Readable } from "node:stream";
import { AppError } from "../errors.ts";
import type { FileStore, KeptFile } from "../messaging/file-store.ts";

/** Ids are names of files and keys of a bucket: nothing in them can lead elsewhere. */
const idPattern = /^[\w-]{1,128}$/;

/** Below the root: files that are being written. */
const partialFolder = "partial";

/**
 * Files of contacts in a folder that this process alone uses, at `<root>/ab/cd/<id>` by a hash of the id, so that
 * no folder grows large. What a killed process left unfinished is removed first. Throws `files.unavailable`
 * where the folder cannot be made.
 */
export async function createFolderFiles(root: string): Promise<FileStore> {
  const partial = join(root, partialFolder);
  await onDisk(root, async () => {
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true, mode: 0o700 });
  });
  const placeOf = (id: string) => {
    const hash = createHash("sha256").update(id).digest("hex");
    return join(root, hash.slice(0, 2), hash.slice(2, 4), id);
  };
  return {
    async save(id, content, mostBytes) {
      refuseForeignId(id);
      const written = join(partial, randomUUID());
      try {
        const kept = await writeBytes(written, content, mostBytes);
        await onDisk(root, () => moveDurably(written, placeOf(id), root));
        return kept;
      } catch (error) {
        // What stays is removed at the next start.
        await rm(written, { force: true }).catch(() => undefined);
        throw error;
      }
    },
    async open(id) {
      return isFileId(id) ? openFile(placeOf(id), root) : undefined;
    },
    async remove(ids) {
      for (const id of ids.filter(isFileId)) await onDisk(root, () => rm(placeOf(id), { force: true }));
    },
  };
}

export function isFileId(id: string): boolean {
  return idPattern.test(id);
}

/** A caller's fault: ids are made by the service. */
export function refuseForeignId(id: string): void {
  if (!isFileId(id))
    throw new AppError("files.unavailable", "This is not the id of a file: nothing was kept.");
}

/**
 * Writes the content to a new file that only this user may read, and waits for the disk. Throws `files.too_large`
 * beyond `mostBytes`, `files.unavailable` where the disk refuses, and passes on what the content throws; then a
 * part of the file may be left.
 */
export async function writeBytes(
  path: string,
  content: AsyncIterable<Uint8Array>,
  mostBytes: number,
): Promise<KeptFile> {
  const folder = dirname(path);
  const file = await onDisk(folder, () => open(path, "wx", 0o600));
  const hash = createHash("sha256");
  let size = 0;
  try {
    for await (const piece of content) {
      size += piece.length;
      if (size > mostBytes) {
        throw new AppError("files.too_large", `The file has more than ${mostBytes} bytes.`, {
          details: { mostBytes },
        });
      }
      hash.update(piece);
      await onDisk(folder, () => file.writeFile(piece));
    }
    await onDisk(folder, () => file.sync());
  } finally {
    await file.close();
  }
  return { hash: hash.digest("hex"), size };
}

async function openFile(path: string, root: string): Promise<Readable | undefined> {
  const file = await onDisk(root, () => unlessAbsent(open(path, "r")));
  return file?.createReadStream();
}

/** After a power cut the file is at its new place whole, or not there. */
async function moveDurably(from: string, to: string, root: string): Promise<void> {
  const folder = dirname(to);
  const firstMade = await mkdir(folder, { recursive: true, mode: 0o700 });
  await rename(from, to);
  await syncFolder(folder);
  if (firstMade === undefined) return;
  for (let parent = dirname(folder); !relative(root, parent).startsWith(".."); parent = dirname(parent))
    await syncFolder(parent);
}

async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folder, and needs no such step.
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function unlessAbsent(opened: Promise<FileHandle>): Promise<FileHandle | undefined> {
  try {
    return await opened;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Says `files.unavailable` of what the disk refuses. */
export async function onDisk<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown";
    throw new AppError(
      "files.unavailable",
      `Files cannot be kept in or read from ${folder} (${code}). Check its rights and the room on its disk.`,
      { cause, details: { code } },
    );
  }
}
