import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { privacyJobs } from "../../../src/jobs/privacy-jobs.ts";
import type { FileStore } from "../../../src/messaging/file-store.ts";
import type { Database } from "../../../src/storage/database.ts";
import { createFolderFiles } from "../../../src/storage/file-folder.ts";
import { forgetConversation, purgeForgotten, receiptPatience } from "../../../src/storage/forget.ts";
import { deleteExpired, removeFiles } from "../../../src/storage/retention.ts";
import { filledTables, insertConversation } from "../../contract/storage/sample-conversation.ts";
import { describeOnPglite } from "../../support/databases.ts";

const began = new Date("2026-03-01T08:00:00.000Z");

describeOnPglite((open) => {
  let database: Database;
  let files: FileStore;
  let now: Date;

  beforeEach(async () => {
    database = await open();
    const folder = await mkdtemp(join(tmpdir(), "niangjia-jobs-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    files = await createFolderFiles(folder);
    now = began;
    await insertConversation(database.db, "c1", { at: began, key: "7001", files: true });
    await files.save("c1-photo", Readable.from([Buffer.from("abc")]), 10);
  });

  async function hasPhoto(): Promise<boolean> {
    const content = await files.open("c1-photo");
    content?.destroy();
    return content !== undefined;
  }

  function job(name: string) {
    const { db } = database;
    const jobs = privacyJobs({
      deleteExpired: async () => ({ ...(await deleteExpired(db, { retentionDays: 30, now })) }),
      purgeForgotten: () => purgeForgotten(db, now),
      removeFiles: () => removeFiles(db, files, now),
    });
    const found = jobs.find((one) => one.name === name);
    if (found === undefined) throw new Error(`There is no job ${name}.`);
    return found.run(new AbortController().signal);
  }

  describe("every hour", () => {
    it("what was forgotten loses its files, and everything else after the receipt's hour", async () => {
      await database.db.transaction().execute((tx) => forgetConversation(tx, "c1", now));
      expect(await job("forgotten")).toEqual({ conversations: 0, files: 0 });
      expect(await hasPhoto()).toBe(false);
      now = new Date(began.getTime() + 3 * receiptPatience);
      expect(await job("forgotten")).toEqual({ conversations: 1, files: 2 });
      expect(await filledTables(database.db)).toEqual({ event_log: 1 });
    });
  });

  describe("every night", () => {
    it("what is older than the period goes with its files; what is younger stays", async () => {
      now = new Date(began.getTime() + 29 * 24 * 60 * 60 * 1000);
      expect(await job("retention")).toMatchObject({ conversations: 0 });
      expect(await hasPhoto()).toBe(true);
      now = new Date(began.getTime() + 31 * 24 * 60 * 60 * 1000);
      expect(await job("retention")).toMatchObject({ conversations: 1 });
      expect(await hasPhoto()).toBe(false);
    });
  });
});
