import type { VectorIndex } from "../vector-index.ts";
import type { RankedEntry } from "../word-index.ts";
import type { EntrySource, LayerPlaces } from "./layer-places.ts";

/** A large index with masked entries and a small one over what came later. */
export class LayeredVectorIndex implements VectorIndex {
  readonly #base: VectorIndex;
  readonly #addition: VectorIndex;
  readonly #places: LayerPlaces;

  constructor(base: VectorIndex, addition: VectorIndex, places: LayerPlaces) {
    this.#base = base;
    this.#addition = addition;
    this.#places = places;
  }

  get engine(): VectorIndex["engine"] {
    return this.#base.engine;
  }

  get size(): number {
    return this.#places.size;
  }

  get dimensions(): number {
    return this.#base.dimensions;
  }

  search(vector: Float32Array, limit: number, accept?: (place: number) => boolean): RankedEntry[] {
    const search = (index: VectorIndex, layer: EntrySource["layer"]) =>
      index.search(vector, limit, this.#places.accepting(layer, accept));
    return this.#places.merge(search(this.#base, "base"), search(this.#addition, "addition"), limit);
  }

  rank(vector: Float32Array, places: readonly number[]): RankedEntry[] {
    const sources = places.map((place) => this.#places.sourceOf(place));
    const rank = (index: VectorIndex, layer: EntrySource["layer"]) =>
      index.rank(
        vector,
        sources.filter((source) => source.layer === layer).map(({ entry }) => entry),
      );
    return this.#places.merge(rank(this.#base, "base"), rank(this.#addition, "addition"), places.length);
  }
}
