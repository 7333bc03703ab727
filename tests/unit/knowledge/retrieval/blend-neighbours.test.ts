import { describe, expect, it } from "vitest";
import { blendNeighbours } from "../../../../src/knowledge/retrieval/blend-neighbours.ts";

const axis = (d: number) => Float32Array.from({ length: 4 }, (_, i) => (i === d ? 1 : 0));
const dot = (left: Float32Array, right: Float32Array) =>
  left.reduce((sum, value, d) => sum + value * (right[d] ?? 0), 0);

describe("vectors of a series", () => {
  const vectors = [axis(0), axis(1), axis(2), axis(3)];
  const series = ["甲", "甲", "甲", "乙"];
  const blended = blendNeighbours(vectors, (place) => series[place]);
  const at = (place: number) => blended[place] as Float32Array;

  it("are a little nearer to what stands beside them, and nearest to themselves", () => {
    expect(dot(at(1), axis(0))).toBeGreaterThan(0.1);
    expect(dot(at(1), axis(2))).toBeCloseTo(dot(at(1), axis(0)));
    expect(dot(at(1), axis(1))).toBeGreaterThan(0.9);
    expect(dot(at(1), at(1))).toBeCloseTo(1);
  });

  it("know nothing of another series, nor of what stands farther away", () => {
    expect(dot(at(2), axis(3))).toBe(0);
    expect(at(3)).toEqual(axis(3));
    expect(dot(at(0), axis(2))).toBe(0);
  });

  it("stay as they are without a series", () => {
    expect(blendNeighbours(vectors, () => undefined)).toEqual(vectors);
    expect(blendNeighbours([], () => "甲")).toEqual([]);
  });
});
