import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { CorpusSearch } from "../../../src/knowledge/corpus-search.ts";
import { temporaryFolder, write } from "../../support/knowledge-folder.ts";
import { tools } from "../../support/knowledge-tools.ts";

const records = [
  {
    id: 11,
    text: "用人单位不签书面劳动合同的，每月支付二倍工资。",
    law: "劳动合同法",
    article: "第八十二条",
  },
  { id: "b", text: "进口货物违反规定的，处以罚款。", law: "外贸法", article: "第八十二条" },
  { id: "c", text: "职工享受带薪年休假。", note: "探亲另有办法" },
  { id: "c", text: "职工年休假的天数。" },
  { id: 0, text: "" },
];
const load = async (content: string | Uint8Array, name = "corpus.jsonl", signal?: AbortSignal) =>
  CorpusSearch.load(await write(await temporaryFolder(), name, content), tools, signal);
const asLines = (all: readonly object[]) => all.map((record) => JSON.stringify(record)).join("\n");

describe("search over a foreign corpus", () => {
  it("ranks by text, law and article, and keeps the ids as they are", async () => {
    const corpus = await load(gzipSync(asLines(records)), "corpus.jsonl.gz");
    expect(corpus.size).toBe(5);
    expect((await corpus.search("劳动合同法第82条", 3))[0]?.id).toBe(11);
    expect((await corpus.search("罚款", 3))[0]?.id).toBe("b");
  });

  it("searches the other text fields too, and gives each id once", async () => {
    const corpus = await load(asLines(records));
    expect((await corpus.search("探亲", 3))[0]?.id).toBe("c");
    const ids = (await corpus.search("年休假", 10)).map(({ id }) => id);
    expect(ids.filter((id) => id === "c")).toEqual(["c"]);
  });

  it("gives more than a hundred where so many are wanted", async () => {
    const many = Array.from({ length: 300 }, (_, id) => ({ id, text: `工资支付的第${id}个规定` }));
    expect((await (await load(asLines(many))).search("工资支付的规定", 250)).length).toBe(250);
  });

  it.each([
    ['{"id":1,"text":"a"}\n\n{"id":2}', "第 3 行要有"],
    ['{"text":"a"}', "第 1 行要有"],
    ['{"id":1,"text":"a"}\n{', "第 2 行不是 JSON"],
  ])("refuses %j by its line", async (content, fault) => {
    await expect(load(content)).rejects.toThrow(fault);
  });

  it("of an empty file finds nothing", async () => {
    expect(await (await load("")).search("工资", 3)).toEqual([]);
  });

  it("stops when it is told to", async () => {
    await expect(load(asLines(records), "a.jsonl", AbortSignal.abort(new Error("stopped")))).rejects.toThrow(
      "stopped",
    );
  });
});
