import type { RankedEntry } from "./word-index.ts";

/** As `VectorIndex`, but one for all processes and outside of their memory: every answer comes over a connection. */
export interface SharedVectorIndex {
  readonly engine: "pgvector";
  readonly size: number;
  readonly dimensions: number;
  search(
    vector: Float32Array,
    limit: number,
    accept?: (entry: number) => boolean,
    signal?: AbortSignal,
  ): Promise<RankedEntry[]>;
  rank(vector: Float32Array, entries: readonly number[], signal?: AbortSignal): Promise<RankedEntry[]>;
}

/** The shared indexes, one a generation. */
export interface SharedVectorStore {
  /** The index of a generation over these contents, named by hex digits; undefined where there is no whole one. */
  open(generation: number, contents: string): Promise<SharedVectorIndex | undefined>;
  /** Writes an index, visible only when it is whole. Where another process was faster, its index is taken. */
  fill(
    generation: number,
    contents: string,
    vectors: readonly Float32Array[],
    signal?: AbortSignal,
  ): Promise<SharedVectorIndex>;
  /** Drops the indexes of other generations than these and newer ones, and what was left unfinished of older ones. */
  prune(keep: ReadonlySet<number>): Promise<void>;
}
