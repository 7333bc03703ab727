import { expect, it } from "vitest";
import type { FileStore } from "../../../src/messaging/file-store.ts";
import { migrateDatabase } from "../../../src/storage/migrate.ts";
import {
  exportToBytes,
  fillDatabase,
  importBytes,
  linesOf,
  openTemporaryFiles,
  sampleFiles,
} from "../../contract/storage/filled-database.ts";
import { filledTables } from "../../contract/storage/sample-conversation.ts";
import {
  describePostgres,
  openTemporaryPglite,
  openTemporaryPostgres,
  type TemporaryDatabase,
} from "../../support/databases.ts";

/** One installation: a database and its files. */
async function use<T>(
  openTemporary: () => Promise<TemporaryDatabase>,
  work: (installation: { db: TemporaryDatabase["database"]["db"]; files: FileStore }) => Promise<T>,
): Promise<T> {
  const temporary = await openTemporary();
  try {
    await migrateDatabase(temporary.database.db);
    return await work({ db: temporary.database.db, files: await openTemporaryFiles() });
  } finally {
    await temporary.remove();
  }
}

/** What is left of a restored installation when it is exported again. */
const restore = (openTemporary: () => Promise<TemporaryDatabase>, backup: Buffer) =>
  use(openTemporary, async ({ db, files }) => {
    await importBytes(db, files, backup);
    return exportToBytes(db, files);
  });

describePostgres("the drill: back up, move, restore", () => {
  it("from PGlite to PostgreSQL and back, nothing is lost and nothing changes", {
    timeout: 60_000,
  }, async () => {
    const original = await use(openTemporaryPglite, async ({ db, files }) => {
      await fillDatabase(db, files);
      return exportToBytes(db, files);
    });
    const onPostgres = await restore(openTemporaryPostgres, original);
    expect(linesOf(onPostgres)).toEqual(linesOf(original));
    const onPglite = await restore(openTemporaryPglite, onPostgres);
    expect(linesOf(onPglite)).toEqual(linesOf(original));
  });

  it("a damaged backup restores nothing, and the good one does afterwards", { timeout: 60_000 }, async () => {
    const backup = await use(openTemporaryPglite, async ({ db, files }) => {
      await fillDatabase(db, files);
      return exportToBytes(db, files);
    });
    const damaged = Buffer.from(backup);
    const middle = Math.floor(damaged.length / 2);
    damaged[middle] = (damaged[middle] ?? 0) ^ 0xff;
    await use(openTemporaryPostgres, async ({ db, files }) => {
      await expect(importBytes(db, files, damaged)).rejects.toMatchObject({ code: "admin.refused" });
      expect(await filledTables(db)).toEqual({});
      for (const id of Object.keys(sampleFiles)) expect(await files.open(id)).toBeUndefined();
      await importBytes(db, files, backup);
      expect(linesOf(await exportToBytes(db, files))).toEqual(linesOf(backup));
    });
  });

  it("on PostgreSQL a backup is of one moment, although the service writes on", {
    timeout: 60_000,
  }, async () => {
    await use(openTemporaryPostgres, async ({ db, files }) => {
      await fillDatabase(db, files);
      const before = linesOf(await exportToBytes(db, files));
      const parts: string[] = [];
      const during = await exportToBytes(db, files, async (part) => {
        parts.push(part);
        // Both tables come later: the one loses its row, the other gets one more.
        if (parts.length > 1) return;
        await db.deleteFrom("doors").execute();
        await db.insertInto("contacts").values({ id: "p3", created_at: "2026-03-01T08:00:00Z" }).execute();
      });
      expect(parts).toEqual(expect.arrayContaining(["doors", "contacts", "files"]));
      expect(["doors", "contacts"]).not.toContain(parts[0]);
      expect(linesOf(during)).toEqual(before);
      expect(linesOf(await exportToBytes(db, files))).not.toEqual(before);
    });
  });
});
