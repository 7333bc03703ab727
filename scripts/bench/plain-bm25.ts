/** Okapi BM25 with the usual constants over posting lists, and nothing else: what the product's search is held against. */
export class PlainBm25 {
  readonly #postings = new Map<string, [document: number, count: number][]>();
  readonly #lengths: number[] = [];

  add(terms: readonly string[]): void {
    const document = this.#lengths.push(terms.length) - 1;
    const counts = new Map<string, number>();
    for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
    for (const [term, count] of counts) {
      const postings = this.#postings.get(term);
      if (postings === undefined) this.#postings.set(term, [[document, count]]);
      else postings.push([document, count]);
    }
  }

  /** The best `top` documents by their number, best first. */
  search(terms: readonly string[], top: number): number[] {
    const total = this.#lengths.length;
    const average = this.#averageLength();
    const scores = new Float64Array(total);
    for (const term of new Set(terms)) {
      const postings = this.#postings.get(term) ?? [];
      const rarity = Math.log(1 + (total - postings.length + 0.5) / (postings.length + 0.5));
      for (const [document, count] of postings) {
        const length = (this.#lengths[document] ?? 0) / average;
        scores[document] =
          (scores[document] ?? 0) + (rarity * count * 2.2) / (count + 1.2 * (0.25 + 0.75 * length));
      }
    }
    return bestOf(scores, top);
  }

  #average: number | undefined;

  #averageLength(): number {
    this.#average ??=
      this.#lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, this.#lengths.length);
    return this.#average;
  }
}

/** Places of the `top` highest scores above zero, highest first. */
export function bestOf(scores: ArrayLike<number>, top: number): number[] {
  const best: number[] = [];
  for (let place = 0; place < scores.length; place++) {
    const score = scores[place] ?? 0;
    if (score <= 0 || (best.length === top && score <= (scores[best[top - 1] ?? 0] ?? 0))) continue;
    let at = best.length;
    while (at > 0 && (scores[best[at - 1] ?? 0] ?? 0) < score) at--;
    best.splice(at, 0, place);
    if (best.length > top) best.pop();
  }
  return best;
}
