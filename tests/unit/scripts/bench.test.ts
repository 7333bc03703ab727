import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { sizesUpTo } from "../../../scripts/bench/scale/measure-scale.ts";
import { measureSize } from "../../../scripts/bench/scale/measure-size.ts";
import { SyntheticTexts, usualOptions } from "../../../scripts/bench/scale/synthetic-texts.ts";
import { contenders } from "../../../scripts/bench/search/contender.ts";
import { compareSearches } from "../../../scripts/bench/search/measure-search.ts";
import { searchReport } from "../../../scripts/bench/search/search-report.ts";

const folder = mkdtempSync(join(tmpdir(), "niangjia-bench-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const texts = [
  "用人单位应当按月向劳动者支付工资，不得克扣。",
  "职工因工作遭受事故伤害的，应当认定为工伤。",
  "女职工生育享受九十八天产假。",
  "劳动合同期满，用人单位不续订的，支付经济补偿。",
  "船舶登记由海事管理机构办理。",
];

describe("the comparison of searches", () => {
  it("every contender indexes the same articles in its own process and finds the right one", async () => {
    const articles = join(folder, "articles.jsonl");
    const record = (text: string, id: number) =>
      JSON.stringify({ id, law: "某法", article: `第${id + 1}条`, text });
    writeFileSync(articles, texts.map(record).join("\n"));
    const rated = [
      { id: "a", question: "单位克扣工资怎么办", relevant: new Set([0]), labour: true },
      { id: "b", question: "产假有多少天", relevant: new Set([2]), labour: true },
    ];
    const comparison = await compareSearches(articles, rated, {
      only: contenders.map((contender, i) => (i === 0 ? contender : { ...contender, mostQuestions: 1 })),
    });
    expect(comparison.articles).toBe(texts.length);
    expect(comparison.scores.map(({ name, recall10 }) => [name, recall10])).toEqual(
      contenders.map(({ name }) => [name, 1]),
    );
    const asked = [2, ...contenders.slice(1).map(() => 1)];
    expect(comparison.scores.map(({ questions }) => questions)).toEqual(asked);
    expect(comparison.ours.map(({ questions }) => questions)).toEqual(asked);
    expect([...comparison.overlap.values()]).toEqual([1, 1]);
    const { markdown, charts } = searchReport(comparison);
    for (const { name } of contenders) expect(markdown).toContain(name);
    expect(markdown).toContain("MiniSearch was asked the first 1 questions only.");
    expect(charts["search.svg"]).toContain("LangChain BM25Retriever");
  }, 120_000);

  it("takes only as many articles as it is told to", async () => {
    const articles = join(folder, "some.jsonl");
    writeFileSync(articles, texts.map((text, id) => JSON.stringify({ id, text })).join("\n"));
    const questions = [{ id: "a", question: "船舶登记", relevant: new Set([4]), labour: false }];
    const only = contenders.filter(({ create }) => create === "createPlainBm25");
    const { articles: taken, scores } = await compareSearches(articles, questions, { only, most: 4 });
    expect(taken).toBe(4);
    expect(scores[0]?.recall10).toBe(0);
  }, 60_000);
});

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

describe("the growth of an index", () => {
  it("an index of 2 000 invented chunks finds the chunk of nearly every question", async () => {
    const figures = await measureSize(2_000);
    expect(figures.chunks).toBe(2_000);
    expect(figures.foundShare).toBeGreaterThan(0.9);
    expect(figures.nearestShare).toBeGreaterThan(0.9);
  }, 60_000);

  it("grows in the usual steps up to what is asked for", () => {
    expect(sizesUpTo(1_000_000)).toEqual([10_000, 100_000, 300_000, 1_000_000]);
    expect(sizesUpTo(100_000)).toEqual([10_000, 100_000]);
    expect(sizesUpTo(500)).toEqual([500]);
  });
});
