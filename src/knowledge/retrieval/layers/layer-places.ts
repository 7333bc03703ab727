import type { RankedEntry } from "../word-index.ts";

/** Stands for "nowhere": an entry of the base that was taken out. */
const nowhere = -1;

/** Where each entry of an index comes from: the large base, which stays as it was built, or the small addition. */
export interface EntrySource {
  readonly layer: "base" | "addition";
  /** Its number there. */
  readonly entry: number;
}

/**
 * The entries of two layers in one numbering, in the order in which a whole build would have them. Entries of the base
 * that no place leads to are masked.
 */
export class LayerPlaces {
  readonly size: number;
  /** By place: the base's entry, or the addition's as its complement. */
  readonly #sources: Int32Array;
  readonly #ofBase: Int32Array;
  readonly #ofAddition: Int32Array;

  constructor(sources: Int32Array, baseSize: number, additionSize: number) {
    this.size = sources.length;
    this.#sources = sources;
    this.#ofBase = new Int32Array(baseSize).fill(nowhere);
    this.#ofAddition = new Int32Array(additionSize).fill(nowhere);
    for (let place = 0; place < sources.length; place++) {
      const source = sources[place] as number;
      if (source >= 0) this.#ofBase[source] = place;
      else this.#ofAddition[~source] = place;
    }
  }

  sourceOf(place: number): EntrySource {
    const source = this.#sources[place] as number;
    return source >= 0 ? { layer: "base", entry: source } : { layer: "addition", entry: ~source };
  }

  /** A condition on places as one on the entries of a layer; masked ones are refused. */
  accepting(layer: EntrySource["layer"], accept?: (place: number) => boolean): (entry: number) => boolean {
    const places = this.#of(layer);
    if (accept === undefined) return (entry) => places[entry] !== nowhere;
    return (entry) => {
      const place = places[entry] as number;
      return place !== nowhere && accept(place);
    };
  }

  /** One ranking of what both layers found, best first, equal ones by place. */
  merge<Ranked extends RankedEntry>(
    fromBase: readonly Ranked[],
    fromAddition: readonly Ranked[],
    limit: number,
  ): Ranked[] {
    const placed = (layer: EntrySource["layer"]) => {
      const places = this.#of(layer);
      return (ranked: Ranked) => ({ ...ranked, entry: places[ranked.entry] as number });
    };
    return [...fromBase.map(placed("base")), ...fromAddition.map(placed("addition"))]
      .sort((left, right) => right.score - left.score || left.entry - right.entry)
      .slice(0, limit);
  }

  #of(layer: EntrySource["layer"]): Int32Array {
    return layer === "base" ? this.#ofBase : this.#ofAddition;
  }
}
