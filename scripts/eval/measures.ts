import type { ForeignId } from "../../src/knowledge/corpus-search.ts";

/** Which share of the relevant ones stands among the first `top`. */
export function recallAt(found: readonly unknown[], relevant: ReadonlySet<unknown>, top: number): number {
  if (relevant.size === 0) return 0;
  return found.slice(0, top).filter((id) => relevant.has(id)).length / relevant.size;
}

/** One over the place of the first relevant one; 0 where none is among the first `top`. */
export function reciprocalRank(
  found: readonly unknown[],
  relevant: ReadonlySet<unknown>,
  top: number,
): number {
  const place = found.slice(0, top).findIndex((id) => relevant.has(id));
  return place < 0 ? 0 : 1 / (place + 1);
}

/** Normalised discounted cumulative gain with gains of 0 and 1 (Järvelin & Kekäläinen 2002). */
export function ndcgAt(found: readonly unknown[], relevant: ReadonlySet<unknown>, top: number): number {
  const discount = (place: number) => 1 / Math.log2(place + 2);
  let gain = 0;
  for (const [place, id] of found.slice(0, top).entries()) if (relevant.has(id)) gain += discount(place);
  let best = 0;
  for (let place = 0; place < Math.min(top, relevant.size); place++) best += discount(place);
  return best === 0 ? 0 : gain / best;
}

/** What the order of found articles is worth for one question. */
export function rankingScores(found: readonly ForeignId[], relevant: ReadonlySet<unknown>) {
  return {
    recall10: recallAt(found, relevant, 10),
    recall100: recallAt(found, relevant, 100),
    mrr10: reciprocalRank(found, relevant, 10),
    ndcg10: ndcgAt(found, relevant, 10),
  };
}

/** What the order of found guides is worth for a question that one guide answers. */
export function guideScores(found: readonly string[], guide: string) {
  const relevant = new Set([guide]);
  return {
    guideFirst: recallAt(found, relevant, 1),
    guideInThree: recallAt(found, relevant, 3),
    guideMrr10: reciprocalRank(found, relevant, 10),
    guideNdcg10: ndcgAt(found, relevant, 10),
  };
}
