import { randomBytes } from "node:crypto";
import { type Kysely, sql } from "kysely";
import { AppError } from "../errors.ts";
import type { SharedVectorIndex, SharedVectorStore } from "../knowledge/retrieval/shared-vector-index.ts";
import { batches, takeTurns } from "./batches.ts";
import { PgvectorIndex, type PgvectorIndexOptions, vectorText } from "./pgvector-index.ts";

/** Links a node, and candidates looked at while building. */
const links = 16;
const efConstruction = 64;

/** Where the tables stand: they are derived, so no migration knows them and a backup may leave them out. */
const schema = "vector_index";
const tableOf = (generation: number) => `g${generation}`;
const unfinishedOf = (generation: number) =>
  `${tableOf(generation)}_unfinished_${randomBytes(4).toString("hex")}`;
const generationOf = (table: string) => Number(/^g(\d+)/.exec(table)?.[1] ?? Number.NaN);
const idOf = (table: string) => sql`${sql.id(schema, table)}`;

/**
 * Opens the shared indexes in a PostgreSQL with the extension pgvector 0.8 or newer, which is made where it may be.
 * Throws `config.invalid` where there is none.
 */
export async function openPgvectorStore<Tables>(
  db: Kysely<Tables>,
  fewAccepted: PgvectorIndexOptions<Tables>["fewAccepted"],
): Promise<PgvectorStore<Tables>> {
  try {
    await sql`create extension if not exists vector`.execute(db);
    await sql`create schema if not exists ${sql.id(schema)}`.execute(db);
  } catch (cause) {
    throw new AppError(
      "config.invalid",
      "VECTORS=pgvector needs a PostgreSQL with the extension pgvector 0.8 or newer; an admin of the database can make it with: create extension vector",
      { cause },
    );
  }
  return new PgvectorStore(db, fewAccepted);
}

/** One table a generation, made under another name and renamed when it is whole. */
export class PgvectorStore<Tables> implements SharedVectorStore {
  readonly #db: Kysely<Tables>;
  readonly #fewAccepted: PgvectorIndexOptions<Tables>["fewAccepted"];

  constructor(db: Kysely<Tables>, fewAccepted: PgvectorIndexOptions<Tables>["fewAccepted"]) {
    this.#db = db;
    this.#fewAccepted = fewAccepted;
  }

  async open(generation: number): Promise<SharedVectorIndex | undefined> {
    if (!(await this.#tables()).includes(tableOf(generation))) return undefined;
    const table = idOf(tableOf(generation));
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
    vectors: readonly Float32Array[],
    signal?: AbortSignal,
  ): Promise<SharedVectorIndex> {
    const dimensions = vectors[0]?.length ?? 1;
    const name = unfinishedOf(generation);
    const unfinished = idOf(name);
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
      await sql`alter table ${unfinished} rename to ${sql.id(tableOf(generation))}`.execute(this.#db);
    } catch (error) {
      await sql`drop table if exists ${unfinished}`.execute(this.#db);
      const others = signal?.aborted === true ? undefined : await this.open(generation);
      if (others?.size === vectors.length) return others;
      throw error;
    }
    return (await this.open(generation)) as SharedVectorIndex;
  }

  async prune(keep: ReadonlySet<number>): Promise<void> {
    const oldest = Math.min(...keep);
    for (const table of await this.#tables()) {
      const generation = generationOf(table);
      // An unfinished one of a newer generation may be one that another process is filling.
      const dropped = table === tableOf(generation) ? !keep.has(generation) : generation < oldest;
      if (dropped) await sql`drop table if exists ${idOf(table)}`.execute(this.#db);
    }
  }

  async #tables(): Promise<string[]> {
    const { rows } = await sql<{ name: string }>`
      select tablename as name from pg_tables where schemaname = ${schema}`.execute(this.#db);
    return rows.map(({ name }) => name);
  }
}
