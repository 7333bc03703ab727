import { type Kysely, type RawBuilder, sql } from "kysely";
import type { SharedVectorIndex } from "../knowledge/retrieval/shared-vector-index.ts";
import type { RankedEntry } from "../knowledge/retrieval/word-index.ts";

/** Candidates that the graph is walked for, and the most that one search looks at while it goes on for more. */
const efSearch = 256;
const mostScanned = 100_000;
/** How many more than wanted are asked for where a condition refuses some; doubled until enough are accepted. */
const surplus = 2;

interface Row {
  readonly entry: number;
  readonly score: number;
}

export interface PgvectorIndexOptions<Tables> {
  readonly db: Kysely<Tables>;
  /** The table with the columns `entry` and `vector`. */
  readonly table: RawBuilder<unknown>;
  readonly size: number;
  readonly dimensions: number;
  /** The accepted ones of so many entries where they are few. */
  readonly fewAccepted: (size: number, accept: (entry: number) => boolean) => number[] | undefined;
}

/** Approximate search in PostgreSQL, by pgvector's graph over vectors of 16-bit floats. */
export class PgvectorIndex<Tables> implements SharedVectorIndex {
  readonly engine = "pgvector";
  readonly size: number;
  readonly dimensions: number;
  readonly #db: Kysely<Tables>;
  readonly #table: RawBuilder<unknown>;
  readonly #fewAccepted: PgvectorIndexOptions<Tables>["fewAccepted"];

  constructor({ db, table, size, dimensions, fewAccepted }: PgvectorIndexOptions<Tables>) {
    this.size = size;
    this.dimensions = dimensions;
    this.#db = db;
    this.#table = table;
    this.#fewAccepted = fewAccepted;
  }

  async search(
    vector: Float32Array,
    limit: number,
    accept?: (entry: number) => boolean,
    signal?: AbortSignal,
  ): Promise<RankedEntry[]> {
    const wanted = Math.min(limit, this.size);
    if (wanted <= 0) return [];
    if (accept === undefined) return this.#nearest(vector, wanted, signal);
    const few = this.#fewAccepted(this.size, accept);
    if (few !== undefined) return (await this.rank(vector, few, signal)).slice(0, wanted);
    for (let asked = wanted * surplus; ; asked *= surplus) {
      const found = await this.#nearest(vector, Math.min(asked, this.size), signal);
      const accepted = found.filter(({ entry }) => accept(entry));
      if (accepted.length >= wanted || found.length < asked) return accepted.slice(0, wanted);
    }
  }

  async rank(vector: Float32Array, entries: readonly number[], signal?: AbortSignal): Promise<RankedEntry[]> {
    signal?.throwIfAborted();
    if (entries.length === 0) return [];
    const { rows } = await sql<Row>`
      select entry, -(vector <#> ${vectorText(vector)}::halfvec) as score from ${this.#table}
      where entry = any(string_to_array(${entries.join(",")}, ',')::int[])`.execute(this.#db);
    return inOrder(rows);
  }

  async #nearest(vector: Float32Array, limit: number, signal?: AbortSignal): Promise<RankedEntry[]> {
    signal?.throwIfAborted();
    const asked = vectorText(vector);
    return this.#db.transaction().execute(async (tx) => {
      // Nobody analyzes the table, and the planner would rather sort what it takes for few rows.
      await sql`select set_config('hnsw.ef_search', ${String(efSearch)}, true),
        set_config('hnsw.iterative_scan', 'strict_order', true),
        set_config('hnsw.max_scan_tuples', ${String(mostScanned)}, true),
        set_config('enable_seqscan', 'off', true)`.execute(tx);
      const { rows } = await sql<Row>`
        select entry, -(vector <#> ${asked}::halfvec) as score from ${this.#table}
        order by vector <#> ${asked}::halfvec limit ${sql.lit(limit)}`.execute(tx);
      return inOrder(rows);
    });
  }
}

/** A vector as pgvector reads it. */
export const vectorText = (vector: Float32Array) => `[${vector.join(",")}]`;

const inOrder = (rows: readonly Row[]): RankedEntry[] =>
  rows
    .map(({ entry, score }) => ({ entry, score: Number(score) }))
    .sort((left, right) => right.score - left.score || left.entry - right.entry);
