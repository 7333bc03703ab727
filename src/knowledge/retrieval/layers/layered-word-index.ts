import type { MatchedEntry, PackedWordIndex, TermWeights, Whole, WordIndex } from "../word-index.ts";
import type { LayerPlaces } from "./layer-places.ts";

/** A large index with masked entries and a small one over what came later, both measured by what they are together. */
export class LayeredWordIndex implements WordIndex {
  readonly #base: PackedWordIndex;
  readonly #addition: PackedWordIndex;
  readonly #places: LayerPlaces;
  readonly #whole: Whole;
  /** How many masked entries of the base have a term, as far as it was asked. */
  readonly #masked = new Map<string, number>();

  constructor(base: PackedWordIndex, addition: PackedWordIndex, places: LayerPlaces) {
    this.#base = base;
    this.#addition = addition;
    this.#places = places;
    this.#whole = {
      size: places.size,
      found: (term) => base.found(term) + addition.found(term) - this.#maskedWith(term),
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

  #maskedWith(term: string): number {
    let masked = this.#masked.get(term);
    if (masked === undefined) {
      const isKept = this.#places.accepting("base");
      masked = this.#base.foundAmong(term, (entry) => !isKept(entry));
      this.#masked.set(term, masked);
    }
    return masked;
  }

  /** Masked entries still count for the number of entries of a term. */
  *terms(): Iterable<readonly [term: string, entries: number]> {
    for (const [term, found] of this.#base.terms()) yield [term, found + this.#addition.found(term)];
    for (const [term, found] of this.#addition.terms()) if (this.#base.found(term) === 0) yield [term, found];
  }
}
