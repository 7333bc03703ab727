import { createReadStream, createWriteStream } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { AppError } from "../../errors.ts";
import type { TransferCounts } from "./archive.ts";
import { type ExportOptions, exportDatabase } from "./export-database.ts";
import { type ImportOptions, importDatabase } from "./import-database.ts";

/**
 * Exports into a new file that only its owner may read: whole, or not there at all. Throws `admin.refused` where
 * there is a file of that name or it cannot be written.
 */
export async function exportToFile(options: ExportOptions, path: string): Promise<TransferCounts> {
  const partial = `${path}.${process.pid}.partial`;
  try {
    if (await exists(path)) throw new AppError("admin.refused", `${path} exists already: name another file.`);
    const counts = await exportDatabase(options, createWriteStream(partial, { flags: "wx", mode: 0o600 }));
    const file = await open(partial, "r+");
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
    return counts;
  } catch (error) {
    throw readable(error, `${path} cannot be written`);
  } finally {
    await rm(partial, { force: true });
  }
}

/** Imports from a file. Throws as `importDatabase`, and `admin.refused` where the file cannot be read. */
export async function importFromFile(options: ImportOptions, path: string): Promise<TransferCounts> {
  try {
    return await importDatabase(options, createReadStream(path));
  } catch (error) {
    throw readable(error, `${path} cannot be read`);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** What a file system says becomes one line; anything else passes as it is. */
function readable(error: unknown, what: string): unknown {
  const { syscall, code } = error as NodeJS.ErrnoException;
  if (error instanceof AppError || syscall === undefined) return error;
  return new AppError("admin.refused", `${what}: ${code}.`, { cause: error });
}
