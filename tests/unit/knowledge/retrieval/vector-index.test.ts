import { truncate } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openVectorEngine } from "../../../../src/knowledge/retrieval/open-vector-index.ts";
import { temporaryFolder } from "../../../support/knowledge-folder.ts";

const hnsw = await openVectorEngine();
const flat = await openVectorEngine(() => Promise.reject(new Error("not compiled here")));
const engines = [flat, hnsw].filter(({ engine }, i, all) => all.findIndex((e) => e.engine === engine) === i);

const unit = (values: readonly number[]): Float32Array => {
  const length = Math.hypot(...values) || 1;
  return Float32Array.from(values, (value) => value / length);
};
const vector = fc
  .array(fc.integer({ min: -100, max: 100 }), { minLength: 8, maxLength: 8 })
  .filter((values) => values.some((value) => value !== 0))
  .map(unit);
const sample = (count: number) => fc.sample(vector, { numRuns: count, seed: 7 });

describe("the engine", () => {
  it("is the exact scan where the native one was not compiled", () => {
    expect(flat.engine).toBe("flat");
  });
});

describe.each(engines)("nearest vectors by $engine", (engine) => {
  it("are the same as by comparing with every vector, on small sets", () => {
    fc.assert(
      fc.property(fc.array(vector, { minLength: 1, maxLength: 40 }), vector, (vectors, asked) => {
        const cosines = vectors.map((own) =>
          own.reduce((sum, value, i) => sum + value * (asked[i] as number), 0),
        );
        const found = engine.build(vectors).search(asked, 5);
        const best = cosines.toSorted((left, right) => right - left).slice(0, 5);
        expect(found.length).toBe(best.length);
        for (const [i, { entry, score }] of found.entries()) {
          expect(score).toBeCloseTo(cosines[entry] as number, 4);
          expect(score).toBeCloseTo(best[i] as number, 4);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("come only from accepted entries", () => {
    const index = engine.build(sample(60));
    const [asked] = sample(1);
    const found = index.search(asked as Float32Array, 100, (entry) => entry % 3 === 0);
    expect(found.map(({ entry }) => entry).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, i) => i * 3),
    );
    expect(index.search(asked as Float32Array, 10, () => false)).toEqual([]);
  });

  it("are compared one by one when the entries are named", () => {
    const vectors = sample(30);
    const index = engine.build(vectors);
    const ranked = index.rank(vectors[7] as Float32Array, [3, 7, 21]);
    expect(ranked[0]).toMatchObject({ entry: 7 });
    expect(ranked[0]?.score).toBeCloseTo(1, 4);
    expect(ranked.map(({ entry }) => entry).sort((a, b) => a - b)).toEqual([3, 7, 21]);
    expect(index.rank(vectors[0] as Float32Array, [])).toEqual([]);
  });

  it("are found among many equal ones, in the order of entries", () => {
    const [same] = sample(1);
    const index = engine.build(Array.from({ length: 50 }, () => same as Float32Array));
    const found = index.search(same as Float32Array, 50);
    expect(found.map(({ entry }) => entry)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });

  it("are none in an empty index and none for a limit of none", () => {
    const [asked] = sample(1);
    expect(engine.build([]).search(asked as Float32Array, 5)).toEqual([]);
    expect(engine.build(sample(3)).search(asked as Float32Array, 0)).toEqual([]);
  });

  it.each([0, 1, 40])("are the same after %i of them were written and read", async (count) => {
    const vectors = sample(count);
    const index = engine.build(vectors);
    const file = join(await temporaryFolder(), "vectors.bin");
    index.save(file);
    const read = engine.load(file, index.dimensions);
    expect([read.size, read.dimensions, read.engine]).toEqual([count, index.dimensions, engine.engine]);
    const [asked] = sample(1);
    expect(read.search(asked as Float32Array, 10)).toEqual(index.search(asked as Float32Array, 10));
  });

  it("tell how far their building is, or nothing", () => {
    const seen: number[] = [];
    engine.build(sample(5), (done) => seen.push(done));
    expect(seen.every((done) => done >= 0 && done < 5)).toBe(true);
  });

  it("are refused from a file that is missing or cut", async () => {
    const folder = await temporaryFolder();
    expect(() => engine.load(join(folder, "none.bin"), 8)).toThrow();
    const file = join(folder, "vectors.bin");
    engine.build(sample(4)).save(file);
    await truncate(file, 33);
    expect(() => engine.load(file, 8)).toThrow();
  });
});

/** Vectors in clusters, as those of texts are. */
function clustered(count: number, dimensions: number): Float32Array[] {
  let state = 5;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  const centres = Array.from({ length: 60 }, () => Array.from({ length: dimensions }, next));
  return Array.from({ length: count }, (_, i) =>
    unit((centres[i % centres.length] as number[]).map((value) => value + 0.7 * next())),
  );
}

describe.runIf(hnsw.engine === "hnsw")("the approximate search of 6,000 vectors", () => {
  const vectors = clustered(6_050, 32);
  const questions = vectors.splice(6_000);
  const [approximate, exact] = [hnsw.build(vectors), flat.build(vectors)];

  it.each([
    ["none is refused", undefined],
    ["half is refused", (entry: number) => entry % 2 === 0],
    ["one in forty is accepted", (entry: number) => entry % 40 === 3],
    ["only one stretch is accepted", (entry: number) => entry > 2_000 && entry < 2_300],
    ["thirty are accepted", (entry: number) => entry % 200 === 9],
  ])("finds 98 of 100 among the ten nearest where %s", (_, accept) => {
    let found = 0;
    for (const question of questions) {
      const nearest = new Set(exact.search(question, 10, accept).map(({ entry }) => entry));
      const got = approximate.search(question, 10, accept);
      expect(got).toHaveLength(10);
      found += got.filter(({ entry }) => nearest.has(entry)).length;
    }
    expect(found / (10 * questions.length)).toBeGreaterThanOrEqual(0.98);
  });

  it("is exact where few are accepted", () => {
    const accept = (entry: number) => entry % 100 === 7;
    for (const question of questions) {
      const expected = exact.search(question, 20, accept).map(({ entry }) => entry);
      expect(approximate.search(question, 20, accept).map(({ entry }) => entry)).toEqual(expected);
    }
  });
});
