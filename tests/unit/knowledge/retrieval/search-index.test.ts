import { describe, expect, it } from "vitest";
import type { Embedder } from "../../../../src/knowledge/embedding/embedder.ts";
import { buildIndex } from "../../../../src/knowledge/generations/build-index.ts";
import { PinnedKnowledge } from "../../../../src/knowledge/pinned-knowledge.ts";
import { entriesOf, withoutTexts } from "../../../../src/knowledge/retrieval/index-entries.ts";
import { SearchIndex } from "../../../../src/knowledge/retrieval/search-index.ts";
import { documentOf, tools } from "../../../support/knowledge-tools.ts";

const contractLaw = documentOf(
  "劳动合同法",
  [
    "第十条|第十条 建立劳动关系，应当订立书面劳动合同。",
    "第三十八条|第三十八条 用人单位未及时足额支付劳动报酬的，劳动者可以解除劳动合同。",
    "第八十二条|第八十二条 用人单位自用工之日起超过一个月不满一年未与劳动者订立书面劳动合同的，应当向劳动者每月支付二倍的工资。",
  ],
  { kind: "law" },
);
const tradeLaw = documentOf("外贸法", ["第八十二条|第八十二条 违反本法规定进口货物的，处以罚款。"], {
  kind: "law",
});
const oldRule = documentOf("旧解释", ["第八十二条|第八十二条 未订立书面劳动合同支付二倍工资的旧规定。"], {
  kind: "law",
  repealed: "2021-01-01",
});
const newRule = documentOf("新规定", ["未订立书面劳动合同的新规定，明年起施行。"], {
  effective: "2027-01-01",
});
const guide = documentOf("二倍工资指南", ["不签合同，单位每月付二倍工资。", "到当地仲裁委申请。"], {
  questions: ["公司一直拖着不和我签合同咋办", "没签合同能要双倍不"],
});
const elsewhere = documentOf("上海市工资办法", ["在上海，未签合同支付二倍工资的办法。"], { region: "上海" });
const here = documentOf("重庆市工资办法", ["在重庆，未签合同支付二倍工资的办法。"], { region: "重庆" });

const all = [contractLaw, tradeLaw, oldRule, newRule, guide, elsewhere, here];
const { chunks, entries } = entriesOf(all);
const { index: built } = await buildIndex(entries, tools);
const index = new SearchIndex(
  { chunks, entries: withoutTexts(entries), ...built },
  tools.tokenizer,
  tools.embedder,
);
const idsOf = async (text: string, more: object = {}) =>
  (await index.search({ text, limit: 10, ...more })).map(({ chunk }) => chunk.id);

describe("search", () => {
  it("puts the article that the question names first, and of two laws the one that fits the rest of it", async () => {
    expect((await idsOf("第八十二条 二倍工资", { asOf: "2026-11-21" }))[0]).toBe("劳动合同法-2");
    expect((await idsOf("劳动合同法82条", { asOf: "2026-11-21" }))[0]).toBe("劳动合同法-2");
    expect((await idsOf("外贸法第82条", { asOf: "2026-11-21" }))[0]).toBe("外贸法-0");
  });

  it("leaves out what is not in force on a day, and only then", async () => {
    const words = "未订立书面劳动合同 二倍工资 规定";
    expect(await idsOf(words, { asOf: "2026-11-21" })).not.toContain("旧解释-0");
    expect(await idsOf(words, { asOf: "2026-11-21" })).not.toContain("新规定-0");
    expect(await idsOf(words, { asOf: "2020-12-31" })).toContain("旧解释-0");
    expect(await idsOf(words, { asOf: "2027-01-01" })).toContain("新规定-0");
    expect(await idsOf(words)).toEqual(expect.arrayContaining(["旧解释-0", "新规定-0"]));
  });

  it("leaves out other places", async () => {
    const found = await idsOf("未签合同二倍工资办法", { region: "重庆" });
    expect(found).toContain("重庆市工资办法-0");
    expect(found).toContain("二倍工资指南-0");
    expect(found).not.toContain("上海市工资办法-0");
  });

  it("finds a guide by a question in the worker's own words", async () => {
    expect((await idsOf("公司一直拖着不和我签合同咋办"))[0]).toBe("二倍工资指南-0");
  });

  it("looks in one document alone, and leaves documents out", async () => {
    const inside = await idsOf("二倍工资", { documentId: "劳动合同法" });
    expect(inside[0]).toBe("劳动合同法-2");
    expect(inside.every((id) => id.startsWith("劳动合同法"))).toBe(true);
    expect(await idsOf("二倍工资", { documentId: "没有的" })).toEqual([]);
    const without = await idsOf("二倍工资", { without: new Set(["二倍工资指南"]) });
    expect(without.some((id) => id.startsWith("二倍工资指南"))).toBe(false);
    expect(await idsOf("二倍工资", { documentId: "劳动合同法", asOf: "2026-11-21" })).toEqual(inside);
  });

  it("returns at most what is wanted, each chunk once, best first", async () => {
    const found = await index.search({ text: "二倍工资 劳动合同", limit: 3 });
    expect(found.length).toBe(3);
    const every = await index.search({ text: "二倍工资 劳动合同", limit: 1_000 });
    expect(new Set(every.map(({ chunk }) => chunk.id)).size).toBe(every.length);
    expect(every.map(({ score }) => score)).toEqual(
      every.map(({ score }) => score).toSorted((a, b) => b - a),
    );
    for (const { coverage, similarity } of every) {
      expect(coverage).toBeGreaterThanOrEqual(0);
      expect(coverage).toBeLessThanOrEqual(1);
      expect(similarity).toBeLessThanOrEqual(1.0001);
    }
  });

  it.each(["", "   ", "？！……", "😀😀😀", "\u202e\u200b", "\u0000", "\ud800"])(
    "of %j is nothing",
    async (text) => {
      expect(await idsOf(text)).toEqual([]);
    },
  );

  it.each([
    ["stop-words", "的 了 是 在 怎么 我"],
    ["ten thousand characters", "我想问一下工资的事".repeat(1_200)],
    ["ten thousand of one character", "啊".repeat(10_000)],
    ["one line without an end", "a".repeat(10_000)],
    ["Arabic", "السلام عليكم"],
    ["SQL", "'; drop table documents; --"],
  ])("of %s is bounded and ends", async (_, text) => {
    const found = await index.search({ text, limit: 5 });
    expect(found.length).toBeLessThanOrEqual(5);
    for (const { score } of found) expect(Number.isFinite(score)).toBe(true);
  });

  it("does not rank entries by a vector that says nothing", async () => {
    const silent: Embedder = {
      version: "silent",
      embedQuery: async () => new Float32Array(built.vectors.dimensions),
      embedDocuments: async () => [],
    };
    const byWords = new SearchIndex(
      { chunks, entries: withoutTexts(entries), ...built },
      tools.tokenizer,
      silent,
    );
    expect(await byWords.search({ text: "ఠఠఠఠ", limit: 5 })).toEqual([]);
    expect((await byWords.search({ text: "罚款", limit: 5 })).map(({ chunk }) => chunk.id)).toEqual([
      "外贸法-0",
    ]);
  });

  it("in an empty index is nothing", async () => {
    const { index: none } = await buildIndex([], tools);
    const empty = new SearchIndex({ chunks: [], entries: [], ...none }, tools.tokenizer, tools.embedder);
    expect(await empty.search({ text: "工资", limit: 5 })).toEqual([]);
    expect(empty.chunksOf("x")).toEqual([]);
  });

  it("reads a whole document around a hit", () => {
    expect(index.chunksOf("劳动合同法").map(({ chunk }) => chunk.ordinal)).toEqual([0, 1, 2]);
    expect(index.size).toBe(chunks.length);
  });
});

describe("pinned knowledge", () => {
  it("leaves out withdrawn documents and fills the list with living ones behind them", async () => {
    const asked: string[][] = [];
    const pinned = new PinnedKnowledge(index, async (ids) => {
      asked.push([...ids]);
      return new Set(ids.filter((id) => id === "上海市工资办法"));
    });
    const found = await pinned.search({ text: "未签合同二倍工资", limit: 1 });
    expect(found.map(({ document }) => document.id)).toEqual(["上海市工资办法"]);
    expect(asked.length).toBeLessThanOrEqual(4);
  });

  it("asks once where nothing is withdrawn", async () => {
    let asked = 0;
    const pinned = new PinnedKnowledge(index, async (ids) => {
      asked++;
      return new Set(ids);
    });
    const query = { text: "未签合同二倍工资", limit: 4 };
    expect(await pinned.search(query)).toEqual(await index.search(query));
    expect(asked).toBe(1);
  });

  it("is empty where all is withdrawn", async () => {
    const pinned = new PinnedKnowledge(index, async () => new Set());
    expect(await pinned.search({ text: "未签合同二倍工资", limit: 2 })).toEqual([]);
  });

  it("without a liveness check has everything", async () => {
    const pinned = new PinnedKnowledge(index);
    expect((await pinned.search({ text: "二倍工资", limit: 3 })).length).toBe(3);
    expect(pinned.passagesOf("外贸法").length).toBe(1);
  });
});
