import type { HierarchicalNSW } from "hnswlib-node";
import { fewAccepted } from "./few-accepted.ts";
import type { StorableVectorIndex } from "./vector-index.ts";
import type { RankedEntry } from "./word-index.ts";

type Hnswlib = typeof import("hnswlib-node");

/** Links a node, and candidates looked at while building and searching; figures in DECISIONS.md. */
const links = 12;
const efConstruction = 60;
const efSearch = 256;
const seed = 20_261_121;

/** Approximate search in a navigable small-world graph (Malkov & Yashunin 2018), by hnswlib. */
export class HnswVectorIndex implements StorableVectorIndex {
  readonly engine = "hnsw";
  readonly size: number;
  readonly dimensions: number;
  readonly #graph: HierarchicalNSW;
  /** Vectors that were compared one by one: the graph gives one out slowly. Memory is taken as they come. */
  readonly #points: Float32Array;
  readonly #copied: Uint8Array;

  private constructor(graph: HierarchicalNSW, dimensions: number) {
    this.#graph = graph;
    this.#graph.setEf(efSearch);
    this.size = graph.getCurrentCount();
    this.dimensions = dimensions;
    this.#points = new Float32Array(this.size * dimensions);
    this.#copied = new Uint8Array(this.size);
  }

  static build(
    { HierarchicalNSW: Graph }: Hnswlib,
    vectors: readonly Float32Array[],
    onProgress?: (done: number) => void,
  ): HnswVectorIndex {
    const dimensions = vectors[0]?.length ?? 1;
    const graph = new Graph("ip", dimensions);
    graph.initIndex({ maxElements: Math.max(1, vectors.length), m: links, efConstruction, randomSeed: seed });
    for (const [entry, vector] of vectors.entries()) {
      graph.addPoint(Array.from(vector), entry);
      if (entry % 250 === 0) onProgress?.(entry);
    }
    return new HnswVectorIndex(graph, dimensions);
  }

  static load({ HierarchicalNSW: Graph }: Hnswlib, file: string, dimensions: number): HnswVectorIndex {
    const graph = new Graph("ip", dimensions);
    graph.readIndexSync(file);
    return new HnswVectorIndex(graph, dimensions);
  }

  search(vector: Float32Array, limit: number, accept?: (entry: number) => boolean): RankedEntry[] {
    const wanted = Math.min(limit, this.size);
    if (wanted === 0) return [];
    const few = accept && fewAccepted(this.size, accept);
    if (few !== undefined) return this.rank(vector, few).slice(0, limit);
    const { neighbors, distances } = this.#graph.searchKnn(Array.from(vector), wanted, accept);
    return neighbors
      .map((entry, i) => ({ entry, score: 1 - (distances[i] as number) }))
      .sort((left, right) => right.score - left.score || left.entry - right.entry);
  }

  rank(vector: Float32Array, entries: readonly number[]): RankedEntry[] {
    return entries
      .map((entry) => ({ entry, score: this.#cosine(vector, entry) }))
      .sort((left, right) => right.score - left.score || left.entry - right.entry);
  }

  #cosine(vector: Float32Array, entry: number): number {
    const start = entry * this.dimensions;
    if (this.#copied[entry] === 0) {
      this.#points.set(this.#graph.getPoint(entry), start);
      this.#copied[entry] = 1;
    }
    let sum = 0;
    for (let d = 0; d < this.dimensions; d++)
      sum += (vector[d] as number) * (this.#points[start + d] as number);
    return sum;
  }

  save(file: string): void {
    this.#graph.writeIndexSync(file);
  }
}
