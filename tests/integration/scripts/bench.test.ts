import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { measureSize } from "../../../scripts/bench/scale/measure-size.ts";
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
    expect(comparison.scores.map(({ name, mrr10 }) => [name, mrr10])).toEqual(
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
  });

  it("takes only as many articles as it is told to", async () => {
    const articles = join(folder, "some.jsonl");
    writeFileSync(articles, texts.map((text, id) => JSON.stringify({ id, text })).join("\n"));
    const questions = [{ id: "a", question: "船舶登记", relevant: new Set([4]), labour: false }];
    const only = contenders.filter(({ create }) => create === "createPlainBm25");
    const { articles: taken, scores } = await compareSearches(articles, questions, { only, most: 4 });
    expect(taken).toBe(4);
    expect(scores[0]?.recall10).toBe(0);
  });
});

describe("the growth of an index", () => {
  it("an index of 1 000 invented chunks finds the chunk of nearly every question", async () => {
    const figures = await measureSize(1_000);
    expect(figures.chunks).toBe(1_000);
    expect(figures.foundShare).toBeGreaterThan(0.9);
    expect(figures.nearestShare).toBeGreaterThan(0.9);
  });
});
