import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { beforeEach, expect, it, onTestFinished } from "vitest";
import type { FileStore } from "../../../src/messaging/file-store.ts";
import type { Database } from "../../../src/storage/database.ts";
import { exportToFile, importFromFile } from "../../../src/storage/transfer/transfer-file.ts";
import { forEachDatabase } from "../../support/databases.ts";
import {
  archiveOf,
  exportedAt,
  exportToBytes,
  fillDatabase,
  importBytes,
  linesOf,
  openTemporaryFiles,
  sampleFiles,
} from "./filled-database.ts";

forEachDatabase((_name, open) => {
  let database: Database;
  let files: FileStore;

  beforeEach(async () => {
    database = await open();
    files = await openTemporaryFiles();
  });

  const contentOf = async (id: string) => {
    const content = await files.open(id);
    return content === undefined ? undefined : buffer(content);
  };

  async function folder(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), "niangjia-export-"));
    onTestFinished(() => rm(path, { recursive: true, force: true }));
    return path;
  }
  const options = () => ({ db: database.db, files, product: "0.1.0", now: exportedAt });

  it("an export is a file for its owner alone, which can be imported", async () => {
    const path = join(await folder(), "niangjia.jsonl.gz");
    await fillDatabase(database.db, files);
    await exportToFile(options(), path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const lines = linesOf(await readFile(path));
    database = await open();
    files = await openTemporaryFiles();
    await importFromFile({ db: database.db, files }, path);
    expect(linesOf(await exportToBytes(database.db, files))).toEqual(lines);
  });

  it("an export replaces no file", async () => {
    const path = join(await folder(), "backup");
    await writeFile(path, "precious");
    await expect(exportToFile(options(), path)).rejects.toMatchObject({ code: "admin.refused" });
    expect(await readFile(path, "utf8")).toBe("precious");
  });

  it("an export that fails leaves no file behind", async () => {
    const path = await folder();
    await fillDatabase(database.db, files);
    const broken = { open: () => Promise.reject(new Error("The bucket does not answer.")) };
    await expect(exportToFile({ ...options(), files: broken }, join(path, "backup"))).rejects.toThrow(
      "The bucket does not answer.",
    );
    expect(await readdir(path)).toEqual([]);
  });

  it("a file that is not there is one line", async () => {
    const path = join(await folder(), "absent");
    await expect(importFromFile(options(), path)).rejects.toMatchObject({
      code: "admin.refused",
      message: `${path} cannot be read: ENOENT.`,
    });
    await expect(exportToFile(options(), join(path, "x"))).rejects.toMatchObject({
      code: "admin.refused",
      message: `${join(path, "x")} cannot be written: ENOENT.`,
    });
  });

  it("are taken away again where the import fails after them", async () => {
    await fillDatabase(database.db, files);
    const archive = await exportToBytes(database.db, files);
    database = await open();
    files = await openTemporaryFiles();
    const saved: string[] = [];
    const recording: FileStore = {
      ...files,
      save: async (id, content, most) => {
        saved.push(id);
        return files.save(id, content, most);
      },
    };
    const cut = archiveOf([...linesOf(archive).slice(0, -2), ""], false);
    await expect(importBytes(database.db, recording, cut)).rejects.toMatchObject({ code: "admin.refused" });
    expect(saved).toEqual(["photo", "scan"]);
    expect(await contentOf("photo")).toBeUndefined();
    expect(await contentOf("scan")).toBeUndefined();
    // The second try with the whole file goes through.
    await importBytes(database.db, files, archive);
    expect(await contentOf("photo")).toEqual(sampleFiles.photo);
  });
});
