import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { assertLossless } from "../../../src/knowledge/sections/check-sections.ts";
import { chunkSlices } from "../../../src/knowledge/sections/cut-chunks.ts";
import { openTemporaryPglite } from "../../support/databases.ts";
import { makeKnowledge } from "../../support/knowledge-folder.ts";
import { openLibrary } from "../../support/knowledge-library.ts";

const laws = fileURLToPath(new URL("../../../../shared/corpus/laws/", import.meta.url));
const present = existsSync(laws);
const reason = present ? "" : " (skipped: the folder ../shared/corpus/laws is not here)";
const repealed =
  /^(信访条例|法律援助条例|最高人民法院关于审理劳动争议案件适用法律若干问题的解释|劳动保险条例|国有企业富余职工安置规定)/u;

describe.skipIf(!present)(`the laws of the corpus, once added${reason}`, () => {
  it("are found by article, without repealed texts, and lose no character", async ({ onTestFinished }) => {
    const { database, remove } = await openTemporaryPglite("migrated");
    onTestFinished(remove);
    const { library, store } = await openLibrary(database, await makeKnowledge());
    await library.start();
    const report = await library.add([laws]);
    expect(report.refused).toEqual([]);
    expect(report.added.length).toBe(55);
    expect(report.warnings.map(({ title }) => title)).toEqual(
      expect.arrayContaining(["信访条例", "法律援助条例"]),
    );

    const asOf = "2026-11-21";
    const hits = await library.pin().search({ text: "第八十二条 二倍工资", limit: 10, asOf });
    expect(hits[0]).toMatchObject({ document: { title: "劳动合同法" }, chunk: { label: "第八十二条" } });
    for (const text of ["第八十二条 二倍工资", "劳动争议司法解释", "信访", "法律援助条件", "劳动保险"]) {
      const found = await library.pin().search({ text, limit: 10, asOf });
      expect(found.length).toBe(10);
      expect(found.map(({ document }) => document.title).filter((title) => repealed.test(title))).toEqual([]);
    }

    const titlesOn = async (text: string, day: string) =>
      (await library.pin().search({ text, limit: 10, asOf: day })).map(({ document }) => document.title);
    expect(await titlesOn("申请法律援助的条件", "2020-06-01")).toContain("法律援助条例");
    expect(await titlesOn("申请法律援助的条件", "2020-06-01")).not.toContain("法律援助法");
    expect((await titlesOn("申请法律援助的条件", "2022-01-01"))[0]).toBe("法律援助法");
    expect(await titlesOn("信访人提出信访事项", "2022-04-30")).toContain("信访条例");
    expect(await titlesOn("信访人提出信访事项", "2022-05-01")).not.toContain("信访条例");
    const begins = new Map((await library.list()).map(({ title, effective }) => [title, effective]));
    for (const [title, begin] of [
      ["劳动合同法", "2013-07-01"],
      ["工会法", "2022-01-01"],
      ["工伤保险条例", "2011-01-01"],
      ["保障农民工工资支付条例", "2020-05-01"],
      ["妇女权益保障法", "2023-01-01"],
      ["最高人民法院关于审理劳动争议案件适用法律问题的解释（一）", "2021-01-01"],
      ["工资支付暂行规定", "1995-01-01"],
    ])
      expect(begins.get(title as string), title).toBe(begin);
    expect(report.warnings.filter(({ warning }) => /相同|个文本|矛盾|早于|晚了/u.test(warning))).toEqual([]);

    const stored = await store.loadGeneration(report.generation);
    const added = stored.filter(({ document }) => document.origin === "added");
    expect(added.length).toBe(55);
    for (const { document } of added) {
      assertLossless(document.text, document.sections);
      const slices = chunkSlices(document).map(({ start, end }) => document.text.slice(start, end));
      expect(slices.join("")).toBe(document.text);
    }
    expect(await library.add([laws])).toMatchObject({
      added: [],
      changed: [],
      generation: report.generation,
    });
  });
});
