import { randomBytes } from "node:crypto";
import { type Kysely, sql } from "kysely";
import { AppError, messageOf } from "../errors.ts";
import type { SharedVectorIndex, SharedVectorStore } from "../knowledge/retrieval/shared-vector-index.ts";
import { batches, takeTurns } from "./batches.ts";
import { PgvectorIndex, type PgvectorIndexOptions, vectorText } from "./pgvector-index.ts";

/** Links a node, and candidates looked at while building. */
const links = 16;
const efConstruction = 64;

/** Where the tables stand: they are derived, so no migration knows them and a backup may leave them out. */
const schema = "vector_index";
const tableOf = (generation: number, contents: string) => `g${generation}_${contents}`;
const unfinishedOf = (table: string) => `${table}_unfinished_${randomBytes(4).toString("hex")}`;
const isWhole = (table: string) => !table.includes("_unfinished_");
const generationOf = (table: string) => Number(/^g(\d+)/.exec(table)?.[1] ?? Number.NaN);
const idOf = (table: string) => sql`${sql.id(schema, table)}`;

/**
 * Opens the shared indexes in a PostgreSQL with the extension pgvector 0.8 or newer, which is made where it may be.
 * Throws `config.invalid` where there is none, and `storage.unavailable`.
 */
export async function openPgvectorStore<Tables>(
  db: Kysely<Tables>,
  fewAccepted: PgvectorIndexOptions<Tables>["fewAccepted"],
): Promise<PgvectorStore<Tables>> {
  try {
    await sql`create extension if not exists vector`.execute(db);
    await sql`create schema if not exists ${sql.id(schema)}`.execute(db);
  } catch (cause) {
    throw cause instanceof AppError ? cause : missing(messageOf(cause), cause);
  }
  const { rows } = await sql<{ version: string }>`
    select extversion as version from pg_extension where extname = 'vector'`.execute(db);
  const [major = 0, minor = 0] = (rows[0]?.version ?? "").split(".").map(Number);
  if (major === 0 && minor < leastMinor) throw missing(`it has ${rows[0]?.version ?? "none"}`);
  return new PgvectorStore(db, fewAccepted);
}

/** Of version 0: the first that goes on walking its graph where a condition refuses much. */
const leastMinor = 8;

const missing = (reason: string, cause?: unknown) =>
  new AppError(
    "config.invalid",
    `VECTORS=pgvector needs the extension pgvector 0.8 or newer in the database: ${reason}. Install it on the ` +
      'server and let an admin of the database run "create extension vector", or leave VECTORS unset.',
    { cause },
  );

/** One table a generation, made under another name and renamed when it is whole. */
export class PgvectorStore<Tables> implements SharedVectorStore {
  readonly #db: Kysely<Tables>;
  readonly #fewAccepted: PgvectorIndexOptions<Tables>["fewAccepted"];

  constructor(db: Kysely<Tables>, fewAccepted: PgvectorIndexOptions<Tables>["fewAccepted"]) {
    this.#db = db;
    this.#fewAccepted = fewAccepted;
  }

  async open(generation: number, contents: string): Promise<SharedVectorIndex | undefined> {
    const name = tableOf(generation, contents);
    if (!(await this.#tables()).includes(name)) return undefined;
    const table = idOf(name);
    const { rows } = await sql<{ size: string | number; dimensions: number | null }>`
      select count(*) as size, max(vector_dims(vector)) as dimensions from ${table}`.execute(this.#db);
    return new PgvectorIndex({
      db: this.#db,
      table,
      size: Number(rows[0]?.size ?? 0),
      dimensions: rows[0]?.dimensions ?? 0,
      fewAccepted: this.#fewAccepted,
    });
  }

  async fill(
    generation: number,
    contents: string,
    vectors: readonly Float32Array[],
    signal?: AbortSignal,
  ): Promise<SharedVectorIndex> {
    const dimensions = vectors[0]?.length ?? 1;
    const whole = tableOf(generation, contents);
    const unfinished = idOf(unfinishedOf(whole));
    try {
      await sql`create table ${unfinished}
        (entry integer primary key, vector halfvec(${sql.lit(dimensions)}) not null)`.execute(this.#db);
      for (const batch of batches([...vectors.entries()])) {
        signal?.throwIfAborted();
        await takeTurns();
        const rows = batch.map(([entry, vector]) => sql`(${sql.lit(entry)}, ${vectorText(vector)}::halfvec)`);
        await sql`insert into ${unfinished} (entry, vector) values ${sql.join(rows)}`.execute(this.#db);
      }
      await sql`create index on ${unfinished} using hnsw (vector halfvec_ip_ops)
        with (m = ${sql.lit(links)}, ef_construction = ${sql.lit(efConstruction)})`.execute(this.#db);
      signal?.throwIfAborted();
      await sql`alter table ${unfinished} rename to ${sql.id(whole)}`.execute(this.#db);
    } catch (error) {
      await sql`drop table if exists ${unfinished}`.execute(this.#db);
      const others = signal?.aborted === true ? undefined : await this.open(generation, contents);
      if (others?.size === vectors.length) return others;
      throw error;
    }
    return (await this.open(generation, contents)) as SharedVectorIndex;
  }

  async prune(keep: ReadonlySet<number>): Promise<void> {
    const oldest = Math.min(...keep);
    const newest = keep.size === 0 ? Number.POSITIVE_INFINITY : Math.max(...keep);
    for (const table of await this.#tables()) {
      const generation = generationOf(table);
      // What belongs to a newer generation may be what another process is filling.
      const dropped = isWhole(table) ? !keep.has(generation) && generation < newest : generation < oldest;
      if (dropped) await sql`drop table if exists ${idOf(table)}`.execute(this.#db);
    }
  }

  async #tables(): Promise<string[]> {
    const { rows } = await sql<{ name: string }>`
      select tablename as name from pg_tables where schemaname = ${schema}`.execute(this.#db);
    return rows.map(({ name }) => name);
  }
}
