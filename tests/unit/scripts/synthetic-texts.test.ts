import { describe, expect, it } from "vitest";
import { sizesUpTo } from "../../../scripts/bench/scale/measure-scale.ts";
import { SyntheticTexts, usualOptions } from "../../../scripts/bench/scale/synthetic-texts.ts";

describe("invented texts", () => {
  const options = { ...usualOptions, vocabulary: 500, topics: 10, dimensions: 32 };

  it("the same number gives the same chunk, whatever was asked before", () => {
    const first = new SyntheticTexts(options);
    const second = new SyntheticTexts(options);
    second.text(1);
    expect(second.text(7)).toBe(first.text(7));
    expect(second.vector(7)).toEqual(first.vector(7));
    expect(first.text(8)).not.toBe(first.text(7));
    expect(new SyntheticTexts({ ...options, seed: 1 }).text(7)).not.toBe(first.text(7));
  });

  it("a question shares words and direction with its chunk", () => {
    const made = new SyntheticTexts(options);
    const { text, vector } = made.question(7);
    const words = new Set(made.text(7).split(" "));
    expect(text.split(" ").every((word) => words.has(word))).toBe(true);
    const own = made.vector(7);
    const cosine = vector.reduce((sum, value, i) => sum + value * (own[i] ?? 0), 0);
    expect(cosine).toBeGreaterThan(0.8);
    expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  });

  it("few words are frequent and many rare", () => {
    const made = new SyntheticTexts(options);
    const counts = new Map<string, number>();
    for (let chunk = 0; chunk < 200; chunk++)
      for (const word of made.text(chunk).split(" ")) counts.set(word, (counts.get(word) ?? 0) + 1);
    const sorted = [...counts.values()].sort((left, right) => right - left);
    const total = sorted.reduce((sum, count) => sum + count, 0);
    const share = sorted.slice(0, 50).reduce((sum, count) => sum + count, 0) / total;
    expect(share).toBeGreaterThan(0.3);
    expect(sorted.length).toBeGreaterThan(400);
  });
});

it("an index grows in the usual steps up to what is asked for", () => {
  expect(sizesUpTo(1_000_000)).toEqual([10_000, 100_000, 300_000, 1_000_000]);
  expect(sizesUpTo(100_000)).toEqual([10_000, 100_000]);
  expect(sizesUpTo(500)).toEqual([500]);
});
