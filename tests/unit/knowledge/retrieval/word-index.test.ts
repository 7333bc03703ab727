import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PackedWordIndex } from "../../../../src/knowledge/retrieval/word-index.ts";

type Bag = Readonly<Record<string, number>>;

const terms = ["工资", "合同", "工伤", "a", "b", "c", "d"];
const bag = fc.dictionary(fc.constantFrom(...terms), fc.constantFrom(0.4, 0.8, 1, 2, 5), { minKeys: 0 });
const corpus = fc.array(bag, { minLength: 0, maxLength: 30 });
const build = (bags: readonly Bag[]) =>
  PackedWordIndex.build(bags.map((own) => new Map(Object.entries(own))));
const asQuery = (own: Bag) => new Map(Object.entries(own));

/** BM25 as its formula reads, over every entry. */
function naive(bags: readonly Bag[], query: Bag) {
  const lengths = bags.map((own) => Object.values(own).reduce((sum, weight) => sum + weight, 0));
  const average = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, bags.length) || 1;
  const idf = (term: string) => {
    const found = bags.filter((own) => term in own).length;
    return Math.log(1 + (bags.length - found + 0.5) / (found + 0.5));
  };
  const total = Object.entries(query).reduce((sum, [term, w]) => sum + (w >= 1 ? w * idf(term) : 0), 0);
  return bags
    .map((own, entry) => {
      const shared = Object.entries(query).filter(([term]) => term in own);
      const score = shared.reduce((sum, [term, weight]) => {
        const frequency = own[term] as number;
        const norm = frequency + 1.2 * (1 - 0.6 + (0.6 * (lengths[entry] as number)) / average);
        return sum + (weight * idf(term) * frequency * 2.2) / norm;
      }, 0);
      const matched = shared.reduce((sum, [term, weight]) => sum + weight * idf(term), 0);
      return { entry, score, coverage: total === 0 ? 0 : Math.min(1, matched / total) };
    })
    .filter(({ score }) => score > 0)
    .sort((left, right) => right.score - left.score || left.entry - right.entry);
}

describe("the word index", () => {
  it("scores as BM25's formula does, on any corpus and query", () => {
    fc.assert(
      fc.property(corpus, bag, (bags, query) => {
        const found = build(bags).search(asQuery(query), bags.length + 1);
        const expected = new Map(naive(bags, query).map((hit) => [hit.entry, hit]));
        expect(found.length).toBe(expected.size);
        for (const { entry, score, coverage } of found) {
          expect(score).toBeCloseTo(expected.get(entry)?.score ?? Number.NaN, 4);
          expect(coverage).toBeCloseTo(expected.get(entry)?.coverage ?? Number.NaN, 4);
        }
        for (const [i, hit] of found.entries())
          expect(hit.score).toBeLessThanOrEqual(found[i - 1]?.score ?? Infinity);
      }),
    );
  });

  it("returns the head of the whole ranking for every limit, and only what is accepted", () => {
    fc.assert(
      fc.property(corpus, bag, fc.nat(35), fc.integer({ min: 1, max: 4 }), (bags, query, limit, modulus) => {
        const index = build(bags);
        const accept = (entry: number) => entry % modulus === 0;
        const all = index.search(asQuery(query), 1_000).filter(({ entry }) => accept(entry));
        expect(index.search(asQuery(query), limit, accept)).toEqual(all.slice(0, limit));
      }),
    );
  });

  it("answers the same after it was written and read from a slice of a pool", () => {
    fc.assert(
      fc.property(corpus, bag, fc.nat(7), (bags, query, offset) => {
        const index = build(bags);
        const bytes = index.serialize();
        const pool = Buffer.alloc(bytes.length + 16, 0xff);
        pool.set(bytes, offset);
        const read = PackedWordIndex.deserialize(pool.subarray(offset, offset + bytes.length));
        expect(read.size).toBe(index.size);
        expect(read.search(asQuery(query), 50)).toEqual(index.search(asQuery(query), 50));
      }),
    );
  });

  it("does not keep the pool that it was read from, nor is it changed through it", () => {
    const pool = Buffer.from(build([{ 工资: 1 }, { 合同: 1 }]).serialize());
    const index = PackedWordIndex.deserialize(pool);
    pool.fill(0xff);
    expect(index.search(new Map([["工资", 1]]), 5).map(({ entry }) => entry)).toEqual([0]);
  });

  it("refuses bytes that are cut short at any place, at once", () => {
    const bytes = build([{ 工资: 1, a: 2 }, { 合同: 1 }, { 工资: 3 }]).serialize();
    for (let length = 0; length < bytes.length; length++)
      expect(() => PackedWordIndex.deserialize(bytes.subarray(0, length))).toThrow();
    expect(() => PackedWordIndex.deserialize(Buffer.concat([bytes, Buffer.alloc(4)]))).toThrow("cut short");
  });

  it("leaves nothing of one search in the next", () => {
    const index = build([{ 工资: 1 }, { 工资: 2, 合同: 1 }]);
    const first = index.search(new Map([["工资", 1]]), 5);
    index.search(new Map([["合同", 1]]), 1, () => false);
    expect(index.search(new Map([["工资", 1]]), 5)).toEqual(first);
  });

  it("counts a word that nobody has against everybody's coverage, but not one that the lexicon added", () => {
    const index = build([{ 工资: 1 }, { 合同: 1 }]);
    const [all] = index.search(new Map([["工资", 1]]), 1);
    const [half] = index.search(
      new Map([
        ["工资", 1],
        ["没有的", 1],
      ]),
      1,
    );
    const [added] = index.search(
      new Map([
        ["工资", 1],
        ["没有的", 0.6],
      ]),
      1,
    );
    expect(all?.coverage).toBeCloseTo(1);
    expect(half?.coverage).toBeLessThan(0.5);
    expect(added?.coverage).toBeCloseTo(1);
  });

  it("knows every term with the number of entries that have it", () => {
    const index = build([{ 工资: 1, a: 2 }, { 工资: 3 }, {}]);
    expect(new Map(index.terms())).toEqual(
      new Map([
        ["工资", 2],
        ["a", 1],
      ]),
    );
    expect([...build([]).terms()]).toEqual([]);
  });
});

/** Numbers from 0 to below 1 that are the same at every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Entries with terms as rare as words are, some of them many times over so that their scores tie. */
function manyEntries(count: number): Map<string, number>[] {
  const next = numbers(11);
  const bags: Map<string, number>[] = [];
  for (let entry = 0; entry < count; entry++) {
    const former = bags[Math.floor(next() * bags.length)];
    if (former !== undefined && next() < 0.3) {
      bags.push(former);
      continue;
    }
    const bag = new Map<string, number>();
    for (let i = 0; i < 12; i++) {
      const term = `t${Math.floor(400 * next() ** 4)}`;
      bag.set(term, (bag.get(term) ?? 0) + 1);
    }
    bags.push(bag);
  }
  return bags;
}

describe("the word index over many entries", () => {
  const count = 9_000;
  const index = PackedWordIndex.build(manyEntries(count));
  const query = fc
    .array(fc.tuple(fc.nat(420), fc.constantFrom(0.3, 0.6, 1, 2)), { minLength: 1, maxLength: 60 })
    .map((terms) => new Map(terms.map(([term, weight]) => [`t${term}`, weight])));
  const limit = fc.constantFrom(1, 3, 10, 100, 1_000);

  it("finds the same as by adding everything up, equal scores and coverage too", () => {
    fc.assert(
      fc.property(query, limit, (asked, most) => {
        expect(index.search(asked, most)).toEqual(index.search(asked, count).slice(0, most));
      }),
      { numRuns: 60 },
    );
  });

  it("finds the same among those that are accepted, many or few", () => {
    fc.assert(
      fc.property(query, limit, fc.constantFrom(2, 50, 4_000), (asked, most, modulus) => {
        const accept = (entry: number) => entry % modulus === 1;
        const all = index.search(asked, count).filter(({ entry }) => accept(entry));
        expect(index.search(asked, most, accept)).toEqual(all.slice(0, most));
      }),
      { numRuns: 60 },
    );
  });

  it("gives equal entries the same score, wherever they stand", () => {
    const bags = manyEntries(count);
    const asked = new Map(Array.from({ length: 40 }, (_, i) => [`t${i * 3}`, 1 / (i + 1)]));
    const scores = new Map<Map<string, number>, number>();
    for (const { entry, score } of index.search(asked, count)) {
      const bag = bags[entry] as Map<string, number>;
      expect(score).toBe(scores.get(bag) ?? score);
      scores.set(bag, score);
    }
    expect(scores.size).toBeGreaterThan(100);
  });
});
