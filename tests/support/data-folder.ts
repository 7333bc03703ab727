import { existsSync } from "node:fs";
import { cp, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { inject, onTestFinished } from "vitest";
import { openDatabase } from "../../src/storage/database.ts";
import { migrateDatabase } from "../../src/storage/migrate.ts";
import { withExclusiveFile } from "../../src/storage/with-exclusive-file.ts";

/** What an embedded database holds: nothing, or the newest schema. */
export type DatabaseContent = "empty" | "migrated";

/** Milliseconds for another test file to make what is copied here. */
const patience = 60_000;

/**
 * Puts an embedded database into a data folder. Making one takes seconds: the product makes it once in a run of the
 * tests, and it is copied from then on.
 */
export async function placeDatabase(dataDir: string, content: DatabaseContent): Promise<void> {
  const run = inject("databasesOfRun");
  const made = join(run, content);
  const isThere = await withExclusiveFile(join(run, `${content}.lock`), patience, async () => {
    if (!existsSync(made)) await makeDatabase(made, content);
    return true;
  });
  if (isThere !== true) throw new Error(`No ${content} database was made within ${patience} ms.`);
  await cp(made, dataDir, { recursive: true });
}

async function makeDatabase(made: string, content: DatabaseContent): Promise<void> {
  // A test file that was cut off may have left its beginning.
  const unfinished = `${made}.new`;
  await rm(unfinished, { recursive: true, force: true });
  if (content === "migrated") await placeDatabase(unfinished, "empty");
  const { db, close } = await openDatabase({ dataDir: unfinished });
  if (content === "migrated") await migrateDatabase(db);
  await close();
  await rename(unfinished, made);
}

/** A data folder with such a database in it. Whoever asks for it removes it. */
export async function newDataFolder(content: DatabaseContent): Promise<string> {
  const folder = await mkdtemp(join(inject("databasesOfRun"), "data-"));
  await placeDatabase(folder, content);
  return folder;
}

/** A data folder with a migrated database that nobody has written to; removed when the test ends. */
export async function temporaryDataFolder(): Promise<string> {
  const folder = await newDataFolder("migrated");
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
