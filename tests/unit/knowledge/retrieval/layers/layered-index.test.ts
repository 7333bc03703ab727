import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FlatVectorIndex } from "../../../../../src/knowledge/retrieval/flat-vector-index.ts";
import { LayerPlaces } from "../../../../../src/knowledge/retrieval/layers/layer-places.ts";
import { LayeredVectorIndex } from "../../../../../src/knowledge/retrieval/layers/layered-vector-index.ts";
import { LayeredWordIndex } from "../../../../../src/knowledge/retrieval/layers/layered-word-index.ts";
import { PackedWordIndex, WordIndexBuilder } from "../../../../../src/knowledge/retrieval/word-index.ts";

type Bag = Readonly<Record<string, number>>;

const bag = fc.dictionary(fc.constantFrom("工资", "合同", "工伤", "a", "b"), fc.constantFrom(0.5, 1, 3));
const bags = fc.array(bag, { maxLength: 20 });
const vector = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 4, maxLength: 4 }).map((values) => {
  const length = Math.hypot(...values) || 1;
  return Float32Array.from(values, (value) => value / length);
});
const asMap = (own: Bag) => new Map(Object.entries(own));

const some = (count: number) => fc.subarray(Array.from({ length: count }, (_, i) => i));

describe("layered words", () => {
  const layered = fc
    .tuple(bags, bags)
    .chain(([base, added]) => fc.tuple(fc.constant(base), fc.constant(added), some(base.length)));
  const build = (base: readonly Bag[], added: readonly Bag[], kept: readonly number[]) => {
    const whole = PackedWordIndex.build(base.map(asMap));
    const builder = new WordIndexBuilder();
    for (const own of added) builder.add(asMap(own));
    const addition = builder.build(whole.averageLength);
    const order = Int32Array.from([...added.map((_, i) => ~i), ...kept]);
    return {
      whole,
      addition,
      index: new LayeredWordIndex(whole, addition, new LayerPlaces(order, base.length, added.length)),
      at: (place: number) => (place < added.length ? added[place] : base[kept[place - added.length] ?? -1]),
    };
  };

  it("find every entry that has a word, and none that was masked, best first", () => {
    fc.assert(
      fc.property(layered, bag, ([base, added, kept], asked) => {
        const { index, at } = build(base, added, kept);
        expect(index.size).toBe(added.length + kept.length);
        const found = index.search(asMap(asked), 100);
        const expected = Array.from({ length: index.size }, (_, place) => place).filter((place) =>
          Object.keys(asked).some((term) => term in (at(place) as Bag)),
        );
        expect(found.map(({ entry }) => entry).sort((a, b) => a - b)).toEqual(expected);
        for (const [i, { score }] of found.entries())
          expect(score).toBeLessThanOrEqual(found[i - 1]?.score ?? Number.POSITIVE_INFINITY);
      }),
    );
  });

  it("give the head of the whole ranking for every limit, and only what is accepted", () => {
    fc.assert(
      fc.property(layered, bag, fc.nat(12), ([base, added, kept], asked, limit) => {
        const { index } = build(base, added, kept);
        const accept = (place: number) => place % 2 === 0;
        const all = index.search(asMap(asked), 100).filter(({ entry }) => accept(entry));
        expect(index.search(asMap(asked), limit, accept)).toEqual(all.slice(0, limit));
      }),
    );
  });

  it("measure all by the rarities of what they are together: as a whole build of the same entries", () => {
    const lengthOf = 4;
    const next = (i: number): Bag => ({ [`w${i % 7}`]: 1, [`v${(i * i) % 11}`]: 2, 工资: 1 });
    const base = Array.from({ length: 60 }, (_, i) => next(i));
    const added = Array.from({ length: 5 }, (_, i) => next(i * 3));
    const kept = [...base.keys()].filter((i) => i % 9 !== 4);
    const { index, at } = build(base, added, kept);
    const whole = PackedWordIndex.build(
      Array.from({ length: index.size }, (_, place) => asMap(at(place) as Bag)),
    );
    expect(whole.averageLength).toBe(lengthOf);
    const asked = new Map([
      ["w3", 1],
      ["v4", 0.6],
      ["工资", 2],
      ["没有", 1],
    ]);
    const found = index.search(asked, 100);
    const expected = whole.search(asked, 100);
    expect(found.map(({ entry }) => entry)).toEqual(expected.map(({ entry }) => entry));
    for (const [i, { score, coverage }] of found.entries()) {
      expect(score).toBeCloseTo(expected[i]?.score ?? Number.NaN, 3);
      expect(coverage).toBeCloseTo(expected[i]?.coverage ?? Number.NaN, 6);
    }
  });

  it("know the words of both layers", () => {
    const { index } = build([{ a: 1, 工资: 1 }], [{ 工资: 2, b: 1 }], [0]);
    expect(new Map(index.terms())).toEqual(
      new Map([
        ["a", 1],
        ["工资", 2],
        ["b", 1],
      ]),
    );
  });
});

describe("layered vectors", () => {
  const vectors = fc.array(vector, { minLength: 1, maxLength: 20 });
  const layered = fc
    .tuple(vectors, vectors)
    .chain(([base, added]) => fc.tuple(fc.constant(base), fc.constant(added), some(base.length)));

  it("are the nearest of both layers, without masked ones", () => {
    fc.assert(
      fc.property(layered, vector, fc.nat(12), ([base, added, kept], asked, limit) => {
        const order = Int32Array.from([...kept, ...added.map((_, i) => ~i)]);
        const places = new LayerPlaces(order, base.length, added.length);
        const index = new LayeredVectorIndex(
          FlatVectorIndex.build(base),
          FlatVectorIndex.build(added),
          places,
        );
        const same = [...order].map(
          (source) => (source >= 0 ? base[source] : added[~source]) as Float32Array,
        );
        const flat = FlatVectorIndex.build(same);
        const accept = (place: number) => place % 3 !== 0;
        expect(index.size).toBe(same.length);
        expect(index.search(asked, limit)).toEqual(flat.search(asked, limit));
        expect(index.search(asked, limit, accept)).toEqual(flat.search(asked, limit, accept));
        const named = [...order.keys()].filter((place) => place % 2 === 0);
        expect(index.rank(asked, named)).toEqual(flat.rank(asked, named));
      }),
    );
  });
});
