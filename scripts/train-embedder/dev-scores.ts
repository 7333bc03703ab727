import type { StaticWeights } from "../../src/knowledge/embedding/static-weights.ts";
import type { IndexEntry, IndexedChunk } from "../../src/knowledge/retrieval/index-entries.ts";
import type { Article, GoldenQuestion, RatedQuestion } from "./read-sources.ts";
import type { TextId, TextStore } from "./text-store.ts";

/** Questions that variants are chosen on, as texts of the store. */
export class DevScores {
  readonly #store: TextStore;
  readonly #articles: { id: number; text: TextId }[];
  readonly #rated: { text: TextId; relevant: ReadonlySet<number> }[];
  readonly #entries: { guide: string; text: TextId }[];
  readonly #golden: { text: TextId; guide: string }[];

  constructor(
    store: TextStore,
    texts: {
      articles: readonly Article[];
      rated: readonly RatedQuestion[];
      chunks: readonly IndexedChunk[];
      entries: readonly IndexEntry[];
      golden: readonly GoldenQuestion[];
    },
  ) {
    this.#store = store;
    this.#articles = texts.articles.map(({ id, text }) => ({ id, text: store.add(text) }));
    this.#rated = texts.rated.map(({ question, relevant }) => ({
      text: store.add(question),
      relevant: new Set(relevant),
    }));
    this.#entries = texts.entries.map(({ chunk, embedded }) => ({
      guide: (texts.chunks[chunk] as IndexedChunk).document.id,
      text: store.add(embedded),
    }));
    this.#golden = texts.golden.map(({ question, guide }) => ({ text: store.add(question), guide }));
  }

  /** Scores of vectors alone, exact search: over all articles, and over the guides' keys. */
  measure(weights: StaticWeights): Record<string, number> {
    return { ...this.#measureRated(weights), ...this.#measureGolden(weights) };
  }

  #measureRated(weights: StaticWeights): Record<string, number> {
    const articles = this.#articles.map(({ text }) => this.#vector(weights, text));
    let recall10 = 0;
    let recall100 = 0;
    let reciprocal = 0;
    for (const { text, relevant } of this.#rated) {
      const found = nearest(this.#vector(weights, text), articles, 100).map(
        (place) => this.#articles[place]?.id as number,
      );
      const hits = found.map((id) => relevant.has(id));
      recall10 += hits.slice(0, 10).filter(Boolean).length / relevant.size;
      recall100 += hits.filter(Boolean).length / relevant.size;
      const first = hits.indexOf(true);
      if (first >= 0 && first < 10) reciprocal += 1 / (first + 1);
    }
    const count = this.#rated.length;
    return { recall10: recall10 / count, recall100: recall100 / count, mrr10: reciprocal / count };
  }

  #measureGolden(weights: StaticWeights): Record<string, number> {
    const keys = this.#entries.map(({ text }) => this.#vector(weights, text));
    const within = [0, 0, 0];
    for (const { text, guide } of this.#golden) {
      const order = nearest(this.#vector(weights, text), keys, 200).map(
        (place) => this.#entries[place]?.guide,
      );
      const rank = [...new Set(order)].indexOf(guide);
      for (const [i, limit] of [1, 3, 10].entries())
        if (rank >= 0 && rank < limit) within[i] = (within[i] as number) + 1;
    }
    const [top1 = 0, top3 = 0, top10 = 0] = within.map((count) => count / this.#golden.length);
    return { top1, top3, top10 };
  }

  #vector(weights: StaticWeights, text: TextId): Float32Array {
    return weights.vectorOf(this.#store.featuresOf(this.#store.clausesOf(text)));
  }
}

/** Places of the nearest vectors, best first. */
function nearest(query: Float32Array, vectors: readonly Float32Array[], limit: number): number[] {
  const scores = vectors.map((vector) => {
    let sum = 0;
    for (let d = 0; d < query.length; d++) sum += (query[d] as number) * (vector[d] as number);
    return sum;
  });
  const floor = Float64Array.from(scores).sort().at(-Math.min(limit, scores.length)) as number;
  return scores
    .flatMap((score, place) => (score >= floor ? [{ score, place }] : []))
    .sort((left, right) => right.score - left.score || left.place - right.place)
    .slice(0, limit)
    .map(({ place }) => place);
}
