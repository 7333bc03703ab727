import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import { Kysely, PGliteDialect, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fewAccepted } from "../../../src/knowledge/retrieval/few-accepted.ts";
import { openVectorEngine } from "../../../src/knowledge/retrieval/open-vector-index.ts";
import type { SharedVectorIndex } from "../../../src/knowledge/retrieval/shared-vector-index.ts";
import type { VectorIndex } from "../../../src/knowledge/retrieval/vector-index.ts";
import { openPgvectorStore, type PgvectorStore } from "../../../src/storage/pgvector-store.ts";
import { openTemporaryPostgres, postgresMissing } from "../../support/databases.ts";

type Db = Kysely<Record<string, never>>;
type Build = (vectors: readonly Float32Array[]) => Promise<VectorIndex | SharedVectorIndex>;

const dimensions = 24;
const contents = "0a";

function vectors(count: number, seed: number): Float32Array[] {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  return Array.from({ length: count }, () => {
    const values = Array.from({ length: dimensions }, next);
    const length = Math.hypot(...values);
    return Float32Array.from(values, (value) => value / length);
  });
}

const cosine = (one: Float32Array, other: Float32Array) =>
  one.reduce((sum, value, i) => sum + value * (other[i] as number), 0);

/** The entries that a comparison with every vector finds. */
function nearest(
  all: readonly Float32Array[],
  asked: Float32Array,
  limit: number,
  accept = (_: number) => true,
) {
  return [...all.keys()]
    .filter(accept)
    .sort(
      (left, right) => cosine(all[right] as Float32Array, asked) - cosine(all[left] as Float32Array, asked),
    )
    .slice(0, limit);
}

const indexed = vectors(3_000, 3);
const questions = vectors(20, 4);

/** What holds for every index of vectors, in the process or shared. */
function describeVectorIndex(name: string, build: Build, close: () => Promise<void> = async () => {}) {
  describe(`nearest vectors by ${name}`, () => {
    let index: VectorIndex | SharedVectorIndex;
    beforeAll(async () => {
      index = await build(indexed);
    });
    afterAll(close);

    it.each([
      ["without a condition", undefined],
      ["where half is refused", (entry: number) => entry % 2 === 1],
      ["where three of four are refused", (entry: number) => entry % 4 === 1],
      ["where nearly all are refused", (entry: number) => entry % 100 === 5],
    ])("are at least 98 of 100 among the ten nearest %s, best first", async (_, accept) => {
      let found = 0;
      for (const asked of questions) {
        const expected = new Set(nearest(indexed, asked, 10, accept));
        const got = await index.search(asked, 10, accept);
        expect(got).toHaveLength(10);
        expect(got.every(({ entry }) => accept?.(entry) ?? true)).toBe(true);
        expect(got.map(({ score }) => score)).toEqual(got.map(({ score }) => score).sort((a, b) => b - a));
        for (const { entry, score } of got)
          expect(score).toBeCloseTo(cosine(indexed[entry] as Float32Array, asked), 2);
        found += got.filter(({ entry }) => expected.has(entry)).length;
      }
      expect(found / (10 * questions.length)).toBeGreaterThanOrEqual(0.98);
    });

    it("give all that is accepted where more is wanted than there is, and none for none", async () => {
      const [asked] = questions as [Float32Array];
      const accept = (entry: number) => entry < 40;
      const got = await index.search(asked, 100, accept);
      expect(got.map(({ entry }) => entry).sort((a, b) => a - b)).toEqual([...Array(40).keys()]);
      expect(await index.search(asked, 10, () => false)).toEqual([]);
      expect(await index.search(asked, 0)).toEqual([]);
      expect(index.size).toBe(indexed.length);
      expect(index.dimensions).toBe(dimensions);
    });

    it("compare named entries one by one", async () => {
      const [asked] = questions as [Float32Array];
      const named = [7, 2_999, 400, 0];
      const got = await index.rank(asked, named);
      const expected = nearest(indexed, asked, 4, (entry) => named.includes(entry));
      expect(got.map(({ entry }) => entry)).toEqual(expected);
      expect(await index.rank(asked, [])).toEqual([]);
    });
  });
}

const engines = [
  await openVectorEngine(),
  await openVectorEngine(() => Promise.reject(new Error("not compiled here"))),
];
for (const engine of engines) describeVectorIndex(engine.engine, async (own) => engine.build(own));

async function openEmbedded(): Promise<Db> {
  const pglite = await PGlite.create({ extensions: { vector } });
  return new Kysely({ dialect: new PGliteDialect({ pglite }) });
}

const embedded = openEmbedded();
const store = async (db: Db) => openPgvectorStore(db, fewAccepted);

describeVectorIndex("pgvector in PGlite", async (own) =>
  (await store(await embedded)).fill(1, contents, own),
);

describe("indexes shared through pgvector", () => {
  let db: Db;
  let shared: PgvectorStore<Record<string, never>>;
  const few = vectors(50, 9);
  const tables = async () => {
    const { rows } = await sql<{ name: string }>`
      select tablename as name from pg_tables where schemaname = 'vector_index' order by 1`.execute(db);
    return rows.map(({ name }) => name);
  };
  beforeAll(async () => {
    db = await embedded;
    shared = await store(db);
    await shared.prune(new Set());
  });
  afterAll(() => db.destroy());

  it("are found again by another process, each under its generation", async () => {
    await shared.fill(3, contents, few);
    await shared.fill(4, contents, few.slice(0, 20));
    const others = await store(db);
    expect((await others.open(3, contents))?.size).toBe(50);
    expect((await others.open(4, contents))?.size).toBe(20);
    expect(await others.open(5, contents)).toBeUndefined();
  });

  it("are taken from the process that was faster", async () => {
    const again = await shared.fill(3, contents, few);
    expect(again.size).toBe(50);
    expect(await tables()).toEqual(["g3_0a", "g4_0a"]);
    await expect(shared.fill(3, contents, few.slice(1))).rejects.toThrow();
  });

  it("are nothing at all where filling them was interrupted", async () => {
    const aborted = AbortSignal.abort(new Error("stopped"));
    await expect(shared.fill(6, contents, few, aborted)).rejects.toThrow("stopped");
    expect(await shared.open(6, contents)).toBeUndefined();
    expect(await tables()).toEqual(["g3_0a", "g4_0a"]);
  });

  it("are dropped with their generation, unfinished ones only when they are older", async () => {
    await sql`create table vector_index.g2_0a_unfinished_00 (entry integer)`.execute(db);
    await sql`create table vector_index.g9_0a_unfinished_00 (entry integer)`.execute(db);
    await shared.fill(5, contents, few);
    await shared.prune(new Set([4]));
    expect(await tables()).toEqual(["g4_0a", "g5_0a", "g9_0a_unfinished_00"]);
  });

  it("answer from an empty index with nothing", async () => {
    const none = await shared.fill(7, contents, []);
    expect(none.size).toBe(0);
    expect(await none.search(few[0] as Float32Array, 5)).toEqual([]);
  });

  it("are refused in one line where the database has no such extension", async () => {
    const plain = new Kysely<Record<string, never>>({
      dialect: new PGliteDialect({ pglite: await PGlite.create() }),
    });
    await expect(store(plain)).rejects.toMatchObject({ code: "config.invalid" });
    await plain.destroy();
  });
});

const missing = postgresMissing ?? (await whyPgvectorIsMissing());
describe.skipIf(missing !== undefined)(`on PostgreSQL (${missing ?? "pgvector"})`, () => {
  let remove = async () => {};
  describeVectorIndex(
    "pgvector in PostgreSQL",
    async (own) => {
      const { databaseUrl, remove: drop } = await openTemporaryPostgres();
      const db: Db = new Kysely({
        dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: databaseUrl ?? "" }) }),
      });
      remove = async () => {
        await db.destroy();
        await drop();
      };
      return (await store(db)).fill(1, contents, own);
    },
    () => remove(),
  );
});

async function whyPgvectorIsMissing(): Promise<string | undefined> {
  const { databaseUrl, remove } = await openTemporaryPostgres();
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query("select 1 from pg_available_extensions where name = 'vector'");
  await client.end();
  await remove();
  return rows.length > 0 ? undefined : "the server has no pgvector";
}
