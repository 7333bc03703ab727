import { describe, expect, it } from "vitest";
import { gatherCandidates } from "../../../../src/knowledge/retrieval/candidates.ts";
import { fuseRankings, reciprocalRank } from "../../../../src/knowledge/retrieval/fuse-rankings.ts";

const ranking = (...entries: number[]) =>
  entries.map((entry, i) => ({ entry, score: 10 - i, coverage: 1 - i / 10 }));
/** Two keys a chunk. */
const chunkOf = (entry: number) => Math.floor(entry / 2);

describe("candidates", () => {
  it("are chunks, each with the best of its keys in every ranking", () => {
    const found = gatherCandidates(
      { words: ranking(5, 4, 0), bigrams: ranking(1), vectors: ranking(4, 8) },
      chunkOf,
    );
    expect(found.map(({ position }) => position).sort()).toEqual([0, 2, 4]);
    const two = found.find(({ position }) => position === 2);
    expect(two?.words).toMatchObject({ entry: 5, rank: 0, keys: 2 });
    expect(two?.vectors).toMatchObject({ entry: 4, rank: 0, keys: 1 });
    expect(two?.bigrams).toBeUndefined();
    expect(found.find(({ position }) => position === 0)?.words?.rank).toBe(1);
  });

  it("are none where nothing was found", () => {
    expect(gatherCandidates({ words: [], bigrams: [], vectors: [] }, chunkOf)).toEqual([]);
  });
});

describe("the fusion of rankings", () => {
  it("has what all rankings put first before what one puts first", () => {
    const found = gatherCandidates(
      { words: ranking(0, 2, 4), bigrams: ranking(0, 4), vectors: ranking(0, 2) },
      chunkOf,
    );
    const order = found.sort((left, right) => fuseRankings(right) - fuseRankings(left));
    expect(order.map(({ position }) => position)).toEqual([0, 1, 2]);
    expect(fuseRankings(order[0] as (typeof order)[number])).toBeCloseTo(3);
  });

  it("gives a place less the farther behind it is, and nothing for none", () => {
    const at = (rank: number) => reciprocalRank({ rank, score: 1, entry: 0, keys: 1 });
    expect(at(0)).toBe(1);
    expect(at(1)).toBeLessThan(1);
    expect(at(100)).toBeLessThan(at(99));
    expect(at(100)).toBeGreaterThan(0);
    expect(reciprocalRank(undefined)).toBe(0);
  });
});
