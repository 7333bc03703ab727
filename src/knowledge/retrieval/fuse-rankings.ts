import type { Candidate, Found } from "./candidates.ts";

/** Places until a place weighs half (Cormack, Clarke & Büttcher 2009 use 60; few hits count here). */
const rankConstant = 20;
/** Weights of words, pairs of characters and vectors; the second stage learns finer ones. */
const weights = { words: 1, bigrams: 0.5, vectors: 1.5 };

/** 1 for the first of a ranking, less for each place behind it, 0 where it was not found. */
export const reciprocalRank = (found: Found | undefined): number =>
  found === undefined ? 0 : (rankConstant + 1) / (rankConstant + 1 + found.rank);

/** Reciprocal rank fusion of the three rankings: 3 where each of them has the chunk first. */
export function fuseRankings({ words, bigrams, vectors }: Candidate): number {
  return (
    weights.words * reciprocalRank(words) +
    weights.bigrams * reciprocalRank(bigrams) +
    weights.vectors * reciprocalRank(vectors)
  );
}
