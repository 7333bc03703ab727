import { Readable, Writable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { sql } from "kysely";
import { beforeEach, describe, expect, it } from "vitest";
import type { FileStore } from "../../../src/messaging/file-store.ts";
import type { Database } from "../../../src/storage/database.ts";
import { exportDatabase } from "../../../src/storage/transfer/export-database.ts";
import { importDatabase } from "../../../src/storage/transfer/import-database.ts";
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
import { filledTables } from "./sample-conversation.ts";

forEachDatabase((_name, open) => {
  let database: Database;
  let files: FileStore;

  beforeEach(async () => {
    database = await open();
    files = await openTemporaryFiles();
  });

  /** An archive of the sample, and the database empty again. */
  async function sampleArchive(): Promise<Buffer> {
    await fillDatabase(database.db, files);
    const archive = await exportToBytes(database.db, files);
    database = await open();
    files = await openTemporaryFiles();
    return archive;
  }

  const contentOf = async (id: string) => {
    const content = await files.open(id);
    return content === undefined ? undefined : buffer(content);
  };

  async function refusal(archive: Buffer): Promise<unknown> {
    const error = await importBytes(database.db, files, archive).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "admin.refused",
      message: expect.stringMatching(/^Nothing was imported\. [^\n]+\.$/),
    });
    expect(await filledTables(database.db)).toEqual({});
    for (const id of Object.keys(sampleFiles)) expect(await contentOf(id)).toBeUndefined();
    return error;
  }

  describe("an export", () => {
    it("holds every table that there is", async () => {
      await fillDatabase(database.db, files);
      const tables = (await database.db.introspection.getTables()).map(({ name }) => name).sort();
      expect(Object.keys(await filledTables(database.db)).sort()).toEqual(tables);
      const head = JSON.parse(linesOf(await exportToBytes(database.db, files))[0] ?? "");
      expect(Object.keys(head.tables).sort()).toEqual(tables);
      expect(Object.values(head.tables)).not.toContain(0);
      expect(head).toMatchObject({
        archive: "niangjia-export",
        format: 1,
        product: "0.1.0",
        at: exportedAt.toISOString(),
      });
    });

    it("leaves leases and rows of running processes behind", async () => {
      await fillDatabase(database.db, files);
      const lines = linesOf(await exportToBytes(database.db, files));
      const begin = lines.findIndex((line) => line.startsWith('{"table":"lanes"'));
      const lanes = lines.slice(begin + 1, begin + 4).map((line) => JSON.parse(line));
      expect(lanes.map(([kind]) => kind)).toEqual(["send:telegram", "turn", "turn"]);
      expect(JSON.stringify(lanes)).not.toContain("process-1");
    });

    it("is the same twice", async () => {
      await fillDatabase(database.db, files);
      expect(linesOf(await exportToBytes(database.db, files))).toEqual(
        linesOf(await exportToBytes(database.db, files)),
      );
    });

    it("tells how many files were gone", async () => {
      await fillDatabase(database.db, files);
      const sink = new Writable({ write: (_piece, _encoding, done) => done() });
      const counts = await exportDatabase(
        { db: database.db, files, product: "0.1.0", now: exportedAt },
        sink,
      );
      expect(counts).toMatchObject({ files: 2, missing: 1, tables: { messages: 897, lanes: 3 } });
    });

    it("that cannot be written gives the database free again", async () => {
      await fillDatabase(database.db, files);
      const full = new Writable({ write: (_piece, _encoding, done) => done(new Error("no room")) });
      await expect(
        exportDatabase({ db: database.db, files, product: "0.1.0", now: exportedAt }, full),
      ).rejects.toThrow("no room");
      await database.db.deleteFrom("doors").execute();
      expect(await database.db.selectFrom("doors").selectAll().execute()).toEqual([]);
    });
  });

  describe("an import", () => {
    it("gives back what was exported, to the last byte", async () => {
      const archive = await sampleArchive();
      const counts = await importBytes(database.db, files, archive);
      expect(counts).toMatchObject({ files: 2, missing: 1, tables: { messages: 897 } });
      expect(linesOf(await exportToBytes(database.db, files))).toEqual(linesOf(archive));
      for (const [id, bytes] of Object.entries(sampleFiles)) expect(await contentOf(id)).toEqual(bytes);
    });

    it("keeps the hardest values as they are", async () => {
      await importBytes(database.db, files, await sampleArchive());
      const { rows } = await sql<Record<string, string>>`
        select (select token::text from lanes where kind = 'turn' and key = 'k1') as token,
          (select size::text from attachments where id = 'huge') as size,
          (select location::text from attachments where id = 'place') as location,
          (select encode(vector, 'hex') from embeddings where text_hash = 't1') as vector,
          (select extract(microseconds from saved_at)::text from document_versions) as saved,
          (select created_at::text from conversations where id = 'k2') as infinite,
          (select text from chunks where id = 'c1') as text`.execute(database.db);
      expect(rows[0]).toMatchObject({
        token: "7000000000000000001",
        size: "9007199254740993",
        location: '{"latitude": 29.563010, "longitude": 100}',
        vector: Buffer.from(Array.from({ length: 1_024 }, (_, at) => at % 256)).toString("hex"),
        saved: "123456",
        infinite: "infinity",
        text: expect.stringContaining("\n\t'; drop table messages; --\r\u2028\u0001😀"),
      });
    });

    it("numbers on after the largest number that was ever given out", async () => {
      await importBytes(database.db, files, await sampleArchive());
      const generation = await database.db
        .insertInto("generations")
        .values({ embedder: "e", document_count: 0, chunk_count: 0, created_at: exportedAt.toISOString() })
        .returning("id")
        .executeTakeFirstOrThrow();
      expect(generation.id).toBe(6);
      const message = await database.db
        .insertInto("messages")
        .values({
          id: "new",
          conversation_id: "k1",
          sender: "system",
          text: "",
          created_at: exportedAt.toISOString(),
        })
        .returning("seq")
        .executeTakeFirstOrThrow();
      expect(Number(message.seq)).toBe(901);
    });

    it("of an export of nothing is an empty database", async () => {
      const archive = await exportToBytes(database.db, files);
      expect(await importBytes(database.db, files, archive)).toMatchObject({ files: 0, missing: 0 });
      expect(await filledTables(database.db)).toEqual({});
    });
  });

  describe("a refused import", () => {
    it("is one into a database that is in use, which stays as it is", async () => {
      const archive = await sampleArchive();
      await database.db
        .insertInto("doors")
        .values({ code: "d", created_at: exportedAt.toISOString() })
        .execute();
      await expect(importBytes(database.db, files, archive)).rejects.toMatchObject({
        code: "admin.refused",
        message: expect.stringContaining("not empty (doors)"),
      });
      expect(await filledTables(database.db)).toEqual({ doors: 1 });
      expect(await contentOf("photo")).toBeUndefined();
    });

    it("is one of another schema, which says what to do", async () => {
      const [head = "", ...rest] = linesOf(await sampleArchive());
      const newer = { ...JSON.parse(head), schema: [...JSON.parse(head).schema, "9999-later"] };
      const error = await refusal(archiveOf([JSON.stringify(newer), ...rest]));
      expect(String(error)).toContain("it has the schema of 9999-later");
      expect(String(error)).toContain("import it with the release that exported it");
    });

    it("is one that was cut off, wherever", async () => {
      const archive = await sampleArchive();
      const lines = linesOf(archive);
      for (const share of [0, 0.01, 0.5, 0.99]) await refusal(archive.subarray(0, archive.length * share));
      await refusal(archive.subarray(0, -1));
      for (const count of [1, 3, lines.length - 2, lines.length - 1]) {
        await refusal(archiveOf([...lines.slice(0, count), ""], false));
      }
    });

    it("is one in which anything was altered", async () => {
      const lines = linesOf(await sampleArchive());
      const alter = (find: string, replace: string) => {
        const at = lines.findIndex((line) => line.includes(find));
        expect(at).toBeGreaterThan(-1);
        return lines.map((line, index) => (index === at ? line.replace(find, replace) : line));
      };
      // The sum tells.
      const text = await refusal(archiveOf(alter("渝北区", "渝中区"), false));
      expect(String(text)).toContain("altered");
      await refusal(archiveOf(alter('"used":true', '"used":false'), false));
      // Somebody made the sum anew: what can be told is told.
      expect(String(await refusal(archiveOf(lines.filter((line) => !line.startsWith('["q7"')))))).toContain(
        "rows of messages do not fit in (SQLSTATE 23503)",
      );
      await refusal(archiveOf(lines.filter((line) => !line.startsWith('["yubei-1"'))));
      await refusal(archiveOf([...lines.slice(0, 2), lines[2] ?? "", ...lines.slice(2)]));
      await refusal(archiveOf(alter('["law", "3"]', '["law", "three"]')));
      await refusal(archiveOf(alter('"file":"photo"', '"file":"../../photo"')));
      await refusal(archiveOf(alter('"file":"photo"', '"file":"place"')));
      await refusal(
        archiveOf(alter(sampleFiles.photo?.toString("base64") ?? "", "dGhlIGJ5dGVzIG9mIGEgUEhPVE8=")),
      );
      await refusal(archiveOf(alter('{"table":"doors"', '{"table":"windows"')));
      await refusal(archiveOf(alter('["yubei-1"', "not JSON")));
    });

    it("is one of a file that is something else", async () => {
      await refusal(Buffer.from("PK\u0003\u0004 a zip"));
      await refusal(Buffer.alloc(0));
      await refusal(archiveOf(["{}", ""]));
      await refusal(archiveOf(['"text"', ""]));
    });

    it("is one after which something follows", async () => {
      const lines = linesOf(await sampleArchive());
      const [body, sum] = [lines.slice(0, -1), lines.at(-1) ?? ""];
      await refusal(archiveOf([...body, sum, '["more"]'], false));
    });

    it("quotes no value of anybody", async () => {
      const lines = linesOf(await sampleArchive());
      const phone = "13800138000";
      const broken = lines.map((line) => {
        if (!line.startsWith('["q1",')) return line;
        const [id, seq, ...rest] = JSON.parse(line);
        return JSON.stringify([
          id,
          seq,
          ...rest.map((value: unknown) => (value === "contact" ? phone : value)),
        ]);
      });
      expect(broken).not.toEqual(lines);
      const error = await refusal(archiveOf(broken));
      expect(String(error)).toContain("rows of messages do not fit in");
      expect(JSON.stringify(error) + String(error)).not.toContain(phone);
    });
  });

  it("a stream that breaks off is passed on as it is", async () => {
    const archive = await sampleArchive();
    const broken = Readable.from(
      (async function* () {
        yield archive.subarray(0, 500);
        throw new Error("the disk is broken");
      })(),
    );
    await expect(importDatabase({ db: database.db, files }, broken)).rejects.toThrow("the disk is broken");
    expect(await filledTables(database.db)).toEqual({});
  });
});
