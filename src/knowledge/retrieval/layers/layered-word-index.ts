import type { MatchedEntry, PackedWordIndex, TermWeights, Whole, WordIndex } from "../word-index.ts";
import type { LayerPlaces } from "./layer-places.ts";

/** A large index with masked entries and a small one over what came later, measured as part of the large one. */
export class LayeredWordIndex implements WordIndex {
  readonly #base: PackedWordIndex;
  readonly #addition: PackedWordIndex;
  readonly #places: LayerPlaces;
  readonly #whole: Whole;

  constructor(base: PackedWordIndex, addition: PackedWordIndex, places: LayerPlaces) {
    this.#base = base;
    this.#addition = addition;
    this.#places = places;
    this.#whole = {
      size: base.size + addition.size,
      averageLength: base.averageLength,
      found: (term) => base.found(term) + addition.found(term),
    };
  }

  get size(): number {
    return this.#places.size;
  }

  search(query: TermWeights, limit: number, accept?: (place: number) => boolean): MatchedEntry[] {
    const search = (index: PackedWordIndex, layer: "base" | "addition") =>
      index.search(query, limit, this.#places.accepting(layer, accept), this.#whole);
    return this.#places.merge(search(this.#base, "base"), search(this.#addition, "addition"), limit);
  }

  /** Masked entries still count for the number of entries of a term. */
  *terms(): Iterable<readonly [term: string, entries: number]> {
    for (const [term, found] of this.#base.terms()) yield [term, found + this.#addition.found(term)];
    for (const [term, found] of this.#addition.terms()) if (this.#base.found(term) === 0) yield [term, found];
  }
}
