/** One ranking of the same things by another measure. */
export interface Ranking {
  readonly weight: number;
  /** Best first, without repeats. */
  readonly ids: readonly number[];
}

/** Dampens the difference between the first places. */
const rankOffset = 20;

/**
 * Weighted reciprocal rank fusion (Cormack, Clarke & Buettcher 2009): sums `weight / (20 + rank)` over the
 * rankings, so that measures on different scales can be joined. Returns id → score.
 */
export function fuseRankings(rankings: readonly Ranking[]): Map<number, number> {
  const fused = new Map<number, number>();
  for (const { weight, ids } of rankings) {
    for (const [rank, id] of ids.entries())
      fused.set(id, (fused.get(id) ?? 0) + weight / (rankOffset + rank + 1));
  }
  return fused;
}
