import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type Database, openDatabase } from "../../../src/storage/database.ts";
import { embeddedPostgresMajor } from "../../../src/storage/pglite-folder.ts";
import { describePostgres, forEachDatabase, openTemporaryPostgres } from "../../support/databases.ts";

const notify = ({ db }: Database, channel: string, payload: string) =>
  sql`select pg_notify(${channel}, ${payload})`.execute(db);

forEachDatabase((_name, open) => {
  describe("notifications", () => {
    it("reach every listener of the channel until it stops, and no other channel", async () => {
      const database = await open();
      const heard: string[] = [];
      const stopFirst = await database.listen("channel_1", (payload) => heard.push(`1 ${payload}`));
      const stopSecond = await database.listen("channel_1", (payload) => heard.push(`2 ${payload}`));
      await notify(database, "another", "x");
      await notify(database, "channel_1", "a");
      await expect.poll(() => heard).toEqual(["1 a", "2 a"]);
      await stopFirst();
      await notify(database, "channel_1", "b");
      await expect.poll(() => heard).toEqual(["1 a", "2 a", "2 b"]);
      await stopSecond();
    });

    it("of a transaction that is rolled back are never sent", async () => {
      const database = await open();
      const heard: string[] = [];
      const stop = await database.listen("events", (payload) => heard.push(payload));
      const failing = database.db.transaction().execute(async (tx) => {
        await sql`select pg_notify('events', 'rolled back')`.execute(tx);
        throw new Error("no");
      });
      await expect(failing).rejects.toThrow("no");
      await notify(database, "events", "committed");
      await expect.poll(() => heard).toEqual(["committed"]);
      await stop();
    });
  });

  it("a wrong query is not taken for an unreachable database", async () => {
    const { db } = await open();
    await expect(sql`select * from nowhere`.execute(db)).rejects.toMatchObject({ code: "42P01" });
  });
});

describe("the embedded database", () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "niangjia-embedded-"));
  });

  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it("is made in the data folder, says what wrote it, and keeps what was stored", async () => {
    const folder = join(dataDir, "not made yet", "数据");
    const first = await openDatabase({ dataDir: folder });
    expect(first.kind).toBe("pglite");
    await sql`create table kept as select '甲' as text`.execute(first.db);
    await first.close();
    await first.close();
    expect((await readdir(folder)).sort()).toEqual(["database", "database.version"]);
    expect(await readFile(join(folder, "database.version"), "utf8")).toMatch(
      new RegExp(`^PostgreSQL ${embeddedPostgresMajor}\\.\\d+ \\(PGlite \\d+\\.\\d+\\.\\d+\\)\\n$`),
    );
    const second = await openDatabase({ dataDir: folder });
    expect((await sql`select text from kept`.execute(second.db)).rows).toEqual([{ text: "甲" }]);
    await second.close();
  });

  it.each([
    ["a newer", embeddedPostgresMajor + 1],
    ["an older", embeddedPostgresMajor - 1],
  ])("of %s PostgreSQL is refused with what to do, and not touched", async (_which, major) => {
    await mkdir(join(dataDir, "database"));
    await writeFile(join(dataDir, "database", "PG_VERSION"), `${major}\n`);
    await writeFile(join(dataDir, "database.version"), `PostgreSQL ${major}.1 (PGlite 9.9.9)\n`);
    await expect(openDatabase({ dataDir })).rejects.toMatchObject({
      code: "storage.version_incompatible",
      message: expect.stringMatching(/PGlite 9\.9\.9.*pg_dump.*restore/s),
    });
    expect(await readdir(join(dataDir, "database"))).toEqual(["PG_VERSION"]);
  });

  it("is refused by its record where the folder itself does not tell its version", async () => {
    await writeFile(join(dataDir, "database.version"), "PostgreSQL 99.1 (PGlite 9.9.9)\n");
    await expect(openDatabase({ dataDir })).rejects.toMatchObject({ code: "storage.version_incompatible" });
  });

  it("is made anew where a start was killed while it made it", async () => {
    await mkdir(join(dataDir, "database"));
    await writeFile(join(dataDir, "database", "PG_VERSION"), `${embeddedPostgresMajor}\n`);
    await writeFile(join(dataDir, "database.creating"), "");
    const database = await openDatabase({ dataDir });
    expect((await sql`select 1 as one`.execute(database.db)).rows).toEqual([{ one: 1 }]);
    await database.close();
    expect(await readdir(dataDir)).not.toContain("database.creating");
  });

  it("that is broken is reported as unavailable and not thrown away", async () => {
    await mkdir(join(dataDir, "database"));
    await writeFile(join(dataDir, "database", "PG_VERSION"), `${embeddedPostgresMajor}\n`);
    await writeFile(
      join(dataDir, "database.version"),
      `PostgreSQL ${embeddedPostgresMajor}.6 (PGlite 0.5.16)\n`,
    );
    await expect(openDatabase({ dataDir })).rejects.toMatchObject({ code: "storage.unavailable" });
    expect(await readdir(join(dataDir, "database"))).toContain("PG_VERSION");
  });
});

describe("a PostgreSQL that cannot be reached", () => {
  it("is reported with host and port, with what to do, and never with the password", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const address = taken.address();
    const port = typeof address === "object" ? address?.port : 0;
    await new Promise((resolve) => taken.close(resolve));
    const databaseUrl = `postgres://niangjia:s3cret@127.0.0.1:${port}/niangjia`;
    const error = await openDatabase({ dataDir: tmpdir(), databaseUrl }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: "storage.unavailable",
      message: expect.stringMatching(new RegExp(`127\\.0\\.0\\.1:${port}.*ECONNREFUSED.*DATABASE_URL`, "s")),
    });
    expect(String(error)).not.toContain("s3cret");
  });

  it("is reported too where the address is not one", async () => {
    const opening = openDatabase({ dataDir: tmpdir(), databaseUrl: "postgres://u:s3cret@[bad:1/x" });
    await expect(opening).rejects.toMatchObject({
      code: "config.invalid",
      message: expect.not.stringContaining("s3cret"),
    });
  });
});

describePostgres("a PostgreSQL that goes away", () => {
  const endOthers = sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`;

  it("fails the query under way as unavailable; later queries and listeners work again", async () => {
    const warnings: string[] = [];
    const temporary = await openTemporaryPostgres();
    onTestFinished(() => temporary.remove());
    const { databaseUrl = "" } = temporary;
    const logger = { warn: (_details: unknown, message: string) => warnings.push(message) };
    const database = await openDatabase({ dataDir: tmpdir(), databaseUrl, logger });
    const heard: string[] = [];
    await database.listen("events", (payload) => heard.push(payload));
    const running = sql`select pg_sleep(30)`.execute(database.db).catch((error: unknown) => error);
    await expect
      .poll(async () => {
        await endOthers.execute(temporary.database.db);
        return Promise.race([running, undefined]);
      })
      .toMatchObject({ code: "storage.unavailable" });
    expect((await sql`select 1 as one`.execute(database.db)).rows).toEqual([{ one: 1 }]);
    await expect
      .poll(
        async () => {
          await notify(database, "events", "again");
          return heard;
        },
        { timeout: 20_000 },
      )
      .toContain("again");
    expect(warnings).toContain("the listening database connection broke");
    await database.close();
  });

  it("between two queries of a transaction fails the transaction and not the process", async () => {
    const temporary = await openTemporaryPostgres();
    onTestFinished(() => temporary.remove());
    const { database, databaseUrl = "" } = temporary;
    const other = await openDatabase({ dataDir: tmpdir(), databaseUrl });
    const transaction = database.db.transaction().execute(async (tx) => {
      await sql`create table lost (id text)`.execute(tx);
      await endOthers.execute(other.db);
      // The end of the connection reaches this process before the next query does.
      await new Promise((resolve) => setTimeout(resolve, 100));
      await sql`insert into lost values ('1')`.execute(tx);
    });
    await expect(transaction).rejects.toMatchObject({ code: "storage.unavailable" });
    expect(await database.db.introspection.getTables()).toEqual([]);
    await other.close();
  });

  it("closing while the listening connection is away ends at once", async () => {
    const temporary = await openTemporaryPostgres();
    onTestFinished(() => temporary.remove());
    const { databaseUrl = "" } = temporary;
    const database = await openDatabase({ dataDir: tmpdir(), databaseUrl });
    const stop = await database.listen("events", () => {});
    await endOthers.execute(temporary.database.db);
    await stop();
    await database.close();
  });
});
