import type { RankedEntry } from "./word-index.ts";

/** Nearest neighbours among unit vectors. The position at which a vector was added is its entry number. */
export interface VectorIndex {
  /** `hnsw` approximates; `flat` compares with every vector. */
  readonly engine: "hnsw" | "flat";
  readonly size: number;
  readonly dimensions: number;
  /** The `limit` nearest accepted entries by cosine, best first. */
  search(vector: Float32Array, limit: number, accept?: (entry: number) => boolean): RankedEntry[];
  /** These entries by cosine, best first, compared one by one: for a handful. */
  rank(vector: Float32Array, entries: readonly number[]): RankedEntry[];
}

/** An index that can be kept in a file. */
export interface StorableVectorIndex extends VectorIndex {
  /** Writes the index into a file that the engine's `load` reads again. */
  save(file: string): void;
}
