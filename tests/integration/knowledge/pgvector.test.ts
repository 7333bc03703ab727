import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import { Kysely, PGliteDialect, sql } from "kysely";
import { describe, expect, it, onTestFinished } from "vitest";
import { createLibrary } from "../../../src/app.ts";
import { readConfig } from "../../../src/config.ts";
import { fewAccepted } from "../../../src/knowledge/retrieval/few-accepted.ts";
import type { SharedVectorStore } from "../../../src/knowledge/retrieval/shared-vector-index.ts";
import { type Database, openDatabase } from "../../../src/storage/database.ts";
import { migrateDatabase } from "../../../src/storage/migrate.ts";
import { openPgvectorStore } from "../../../src/storage/pgvector-store.ts";
import type { Tables } from "../../../src/storage/tables.ts";
import { openTemporaryPostgres, postgresMissing } from "../../support/databases.ts";
import { guideText, makeKnowledge, temporaryFolder, write } from "../../support/knowledge-folder.ts";
import { openLibrary, titlesOf } from "../../support/knowledge-library.ts";

/** The embedded engine with the extension: the product's own has none. */
async function openEmbedded(): Promise<Pick<Database, "db">> {
  const pglite = await PGlite.create({ extensions: { vector } });
  const db = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) });
  onTestFinished(() => db.destroy());
  await migrateDatabase(db);
  return { db };
}

async function vectorTables({ db }: Pick<Database, "db">): Promise<{ name: string; oid: number }[]> {
  const { rows } = await sql<{ name: string; oid: number }>`
    select relname as name, pg_class.oid::int as oid from pg_class
    join pg_namespace on pg_namespace.oid = relnamespace
    where nspname = 'vector_index' and relkind = 'r' order by pg_class.oid`.execute(db);
  return rows;
}

/** Library and store on one database; nothing here embeds or builds but through them. */
async function replica(database: Pick<Database, "db">, folder: string, root?: string) {
  const shared = await openPgvectorStore(database.db, fewAccepted);
  const filled: number[] = [];
  const watched: SharedVectorStore = {
    open: (...given) => shared.open(...given),
    prune: (keep) => shared.prune(keep),
    fill: (generation, ...given) => {
      filled.push(generation);
      return shared.fill(generation, ...given);
    },
  };
  const own = root ?? (await temporaryFolder());
  return { ...(await openLibrary(database as Database, folder, { shared: watched, root: own })), filled };
}

describe("knowledge with vectors in pgvector", () => {
  it("finds, follows a reload and a rollback in another process, and starts again from what is there", async () => {
    const folder = await makeKnowledge();
    const database = await openEmbedded();
    const one = await replica(database, folder);
    const two = await replica(database, folder);
    await one.library.start();
    await two.library.start();
    expect(one.library.status()).toMatchObject({ engine: "pgvector" });
    expect(one.library.status()).toEqual(two.library.status());
    expect((await one.titles("高温津贴"))[0]).toBe("高温津贴");
    const query = { text: "夏天太热有没有补贴", limit: 5 };
    expect(await two.library.pin().search(query)).toEqual(await one.library.pin().search(query));
    expect([one.filled.length, two.filled.length]).toEqual([1, 0]);

    for (const heat of ["四十度停工。", "四十一度停工。", "四十二度停工。"]) {
      await write(folder, "guides/heat.md", guideText("heat", "高温津贴", heat));
      await one.library.reload();
      await two.library.refresh();
      const [hit] = await two.library.pin().search({ text: "高温津贴", limit: 1 });
      expect(hit?.chunk.text).toContain(heat);
      expect(hit?.similarity).toBeGreaterThan(0.3);
    }
    expect(two.filled).toEqual([]);
    const kept = await one.store.listGenerations();
    const tables = await vectorTables(database);
    expect(tables.map(({ name }) => Number(/^g(\d+)_/.exec(name)?.[1]))).toEqual(
      kept.map(({ id }) => id).sort((left, right) => left - right),
    );

    const again = await replica(database, folder, one.root);
    await again.library.start();
    expect(await again.library.pin().search(query)).toEqual(await one.library.pin().search(query));
    expect(again.filled).toEqual([]);
    expect(await vectorTables(database)).toEqual(tables);

    await one.library.rollBack();
    await two.library.refresh();
    const [hit] = await two.library.pin().search({ text: "高温津贴", limit: 1 });
    expect(hit?.chunk.text).toContain("四十一度停工。");
  });

  it("ranks as vectors in memory do", async () => {
    const folder = await makeKnowledge();
    const database = await openEmbedded();
    const shared = await replica(database, folder);
    await shared.library.start();
    const own = await openLibrary(database as Database, folder);
    await own.library.start();
    for (const text of ["夏天太热有没有补贴", "高温津贴", "没签劳动合同怎么办"]) {
      const expected = await own.library.pin().search({ text, limit: 10 });
      const found = await shared.library.pin().search({ text, limit: 10 });
      expect(found.map(({ chunk }) => chunk.id)).toEqual(expected.map(({ chunk }) => chunk.id));
      for (const [i, { similarity }] of found.entries())
        expect(similarity).toBeCloseTo(expected[i]?.similarity ?? Number.NaN, 2);
    }
  });

  it("is filled again where its tables are gone, as from a backup without them", async () => {
    const folder = await makeKnowledge();
    const database = await openEmbedded();
    const one = await replica(database, folder);
    await one.library.start();
    await sql`drop schema vector_index cascade`.execute(database.db);
    const again = await replica(database, folder, one.root);
    await again.library.start();
    expect(again.filled).toHaveLength(1);
    expect((await again.titles("高温津贴"))[0]).toBe("高温津贴");
  });

  it("keeps what serves where the database takes no more vectors", async () => {
    const folder = await makeKnowledge();
    const database = await openEmbedded();
    const shared = await openPgvectorStore(database.db, fewAccepted);
    let full = false;
    const filling: SharedVectorStore = {
      open: (...given) => shared.open(...given),
      prune: (keep) => shared.prune(keep),
      fill: (...given) => (full ? Promise.reject(new Error("disk full")) : shared.fill(...given)),
    };
    const { library, titles } = await openLibrary(database as Database, folder, { shared: filling });
    await library.start();
    const { generation } = library.status() ?? {};
    full = true;
    await write(folder, "guides/heat.md", guideText("heat", "高温津贴", "四十度停工。"));
    await expect(library.reload()).rejects.toMatchObject({ code: "knowledge.reload_failed" });
    expect(library.status()?.generation).toBe(generation);
    expect((await titles("高温津贴"))[0]).toBe("高温津贴");
  });
});

const hasPgvector = postgresMissing === undefined && (await findPgvector());
const pgvectorMissing = postgresMissing ?? (hasPgvector ? undefined : "the server has no pgvector");
if (pgvectorMissing !== undefined)
  process.stderr.write(`Knowledge with pgvector on PostgreSQL is not tested. ${pgvectorMissing}\n`);

async function openConfigured() {
  const { database, databaseUrl, remove } = await openTemporaryPostgres();
  onTestFinished(remove);
  await migrateDatabase(database.db);
  const folder = await makeKnowledge();
  const config = async () =>
    readConfig({
      VECTORS: "pgvector",
      DATABASE_URL: databaseUrl,
      DATA_DIR: await temporaryFolder(),
      KNOWLEDGE_DIR: folder,
    });
  return { database, databaseUrl: databaseUrl as string, folder, config };
}

describe.skipIf(pgvectorMissing !== undefined)(`on PostgreSQL (${pgvectorMissing ?? "pgvector"})`, () => {
  it("serves as configured, and a second process sees the same", async () => {
    const { database, databaseUrl, folder, config } = await openConfigured();
    const one = await createLibrary(await config(), database);
    await one.start();
    await write(folder, "guides/heat.md", guideText("heat", "高温津贴", "四十度停工。"));
    await one.reload();
    const others = await openDatabase({ dataDir: await temporaryFolder(), databaseUrl });
    onTestFinished(() => others.close());
    const tables = await vectorTables(database);
    const two = await createLibrary(await config(), others);
    await two.start();
    expect(two.status()).toMatchObject({ engine: "pgvector" });
    expect(two.status()).toEqual(one.status());
    expect((await titlesOf(two.pin(), "高温津贴"))[0]).toBe("高温津贴");
    const query = { text: "夏天太热有没有补贴", limit: 5 };
    expect(await two.pin().search(query)).toEqual(await one.pin().search(query));
    expect(await vectorTables(database)).toEqual(tables);
  });
});

describe.skipIf(postgresMissing !== undefined || hasPgvector)("on a PostgreSQL without pgvector", () => {
  it("says in one line what to do", async () => {
    const { database, config } = await openConfigured();
    const opening = createLibrary(await config(), database);
    await expect(opening).rejects.toMatchObject({ code: "config.invalid" });
    await expect(opening).rejects.toThrow(
      /^VECTORS=pgvector needs the extension pgvector .*create extension vector[^\n]*$/,
    );
  });
});

async function findPgvector(): Promise<boolean> {
  const { database, remove } = await openTemporaryPostgres();
  const { rows } = await sql`select 1 from pg_available_extensions where name = 'vector'`.execute(
    database.db,
  );
  await remove();
  return rows.length > 0;
}
