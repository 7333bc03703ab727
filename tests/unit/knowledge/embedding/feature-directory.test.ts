import { describe, expect, it } from "vitest";
import { FeatureDirectory, tableRows } from "../../../../src/knowledge/embedding/feature-directory.ts";
import { hashFeature } from "../../../../src/knowledge/embedding/feature-hash.ts";

const featuresOf = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => hashFeature(`${prefix}${i}`));

describe("the directory of features", () => {
  it("gives each known feature one row of its own", () => {
    const features = [...new Set(featuresOf("known", 100_000))];
    const directory = FeatureDirectory.of(features);
    const rows = features.map((feature) => directory.rowOf(feature));
    expect(Math.min(...rows.slice(0, 1_000))).toBeGreaterThanOrEqual(0);
    const without = rows.filter((row) => row < 0).length;
    expect(without).toBeLessThan(features.length / 1_000);
    // Two features with the same mark in the same group cannot be told apart: few share a row.
    expect(new Set(rows).size).toBeGreaterThan(features.length * 0.998);
    expect(Math.max(...rows.slice(-1_000))).toBeLessThan(tableRows);
  });

  it("knows hardly any feature that it was not made of", () => {
    const directory = FeatureDirectory.of(featuresOf("known", 100_000));
    const others = featuresOf("other", 20_000);
    const found = directory.rowsOf(others).length;
    expect(found / others.length).toBeLessThan(0.001);
    expect(new FeatureDirectory().rowsOf(others)).toEqual([]);
  });

  it("keeps those that have a place when there are more than rows", () => {
    const features = featuresOf("many", tableRows + 20_000);
    const directory = FeatureDirectory.of(features);
    const placed = features.filter((feature) => directory.rowOf(feature) >= 0).length;
    expect(placed).toBeGreaterThan(tableRows * 0.95);
    const first = features.slice(0, 50_000).filter((feature) => directory.rowOf(feature) >= 0).length;
    expect(first).toBe(50_000);
  });

  it("is the same again from its marks", () => {
    const features = featuresOf("known", 5_000);
    const directory = FeatureDirectory.of(features);
    const again = new FeatureDirectory(new Uint16Array(directory.marks));
    expect(again.rowsOf(features)).toEqual(directory.rowsOf(features));
  });
});
