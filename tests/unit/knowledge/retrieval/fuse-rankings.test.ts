import { describe, expect, it } from "vitest";
import { fuseRankings } from "../../../../src/knowledge/retrieval/fuse-rankings.ts";

describe("fusing rankings", () => {
  it("adds the weighted reciprocal of each rank", () => {
    const fused = fuseRankings([
      { weight: 1, ids: [7, 3] },
      { weight: 0.5, ids: [3] },
    ]);
    expect(fused.get(7)).toBeCloseTo(1 / 21);
    expect(fused.get(3)).toBeCloseTo(1 / 22 + 0.5 / 21);
    expect(fused.size).toBe(2);
  });

  it("puts what several measures find before what one finds first", () => {
    const fused = fuseRankings([
      { weight: 1, ids: [1, 2] },
      { weight: 1, ids: [3, 2] },
    ]);
    expect(fused.get(2)).toBeGreaterThan(fused.get(1) as number);
  });

  it("of nothing is nothing", () => {
    expect(fuseRankings([]).size).toBe(0);
    expect(fuseRankings([{ weight: 1, ids: [] }]).size).toBe(0);
  });
});
