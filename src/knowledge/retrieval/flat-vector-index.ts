import { readFileSync, writeFileSync } from "node:fs";
import type { StorableVectorIndex } from "./vector-index.ts";
import type { RankedEntry } from "./word-index.ts";
import { BestEntries } from "./words/best-entries.ts";

/** Exact search by comparing with every vector: where no native index could be compiled. */
export class FlatVectorIndex implements StorableVectorIndex {
  readonly engine = "flat";
  readonly size: number;
  readonly dimensions: number;
  readonly #values: Float32Array;

  private constructor(values: Float32Array, dimensions: number) {
    this.#values = values;
    this.dimensions = dimensions;
    this.size = dimensions === 0 ? 0 : values.length / dimensions;
  }

  static build(vectors: readonly Float32Array[]): FlatVectorIndex {
    const dimensions = vectors[0]?.length ?? 0;
    const values = new Float32Array(vectors.length * dimensions);
    for (const [entry, vector] of vectors.entries()) values.set(vector, entry * dimensions);
    return new FlatVectorIndex(values, dimensions);
  }

  static load(file: string, dimensions: number): FlatVectorIndex {
    const bytes = readFileSync(file);
    return new FlatVectorIndex(new Float32Array(new Uint8Array(bytes).buffer), dimensions);
  }

  search(
    vector: Float32Array,
    limit: number,
    accept: (entry: number) => boolean = () => true,
  ): RankedEntry[] {
    if (limit <= 0) return [];
    const best = new BestEntries(limit);
    for (let entry = 0; entry < this.size; entry++) {
      if (!accept(entry)) continue;
      const score = this.#cosine(vector, entry);
      if (score > best.threshold) best.offer(entry, score);
    }
    return best.list().map(({ entry, score }) => ({ entry, score }));
  }

  rank(vector: Float32Array, entries: readonly number[]): RankedEntry[] {
    return entries
      .map((entry) => ({ entry, score: this.#cosine(vector, entry) }))
      .sort((left, right) => right.score - left.score || left.entry - right.entry);
  }

  save(file: string): void {
    writeFileSync(file, new Uint8Array(this.#values.buffer));
  }

  #cosine(vector: Float32Array, entry: number): number {
    const start = entry * this.dimensions;
    let sum = 0;
    for (let i = 0; i < this.dimensions; i++)
      sum += (this.#values[start + i] as number) * (vector[i] as number);
    return sum;
  }
}
