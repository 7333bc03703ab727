import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Section } from "../../../../src/knowledge/policy-document.ts";
import { assertLossless } from "../../../../src/knowledge/sections/check-sections.ts";
import { splitSections } from "../../../../src/knowledge/sections/split-sections.ts";

const labels = (text: string) => splitSections(text).flatMap(({ label }) => label ?? []);
const slice = (text: string, section: Section | undefined) => text.slice(section?.start, section?.end);
const found = (text: string, label: string) => splitSections(text).find((section) => section.label === label);

const law = `# 中华人民共和国劳动合同法

2007年6月29日通过

## 第一章 总则

第一条 为了完善劳动合同制度，制定本法。

第二条 中华人民共和国境内的企业适用本法。

## 第二章 特别规定

### 第一节 集体合同

第三条 第三人代为订立的，
（一）依照本法
第八十二条规定的标准支付；
（二）依照
第一条、第二条的规定。

### 第二节 劳务派遣

第三条之一 和解的，依照和解协议。

第四条 本法自公布之日起施行。
`;

describe("splitSections on a law", () => {
  it("makes every article one section with its number and the divisions above it", () => {
    expect(labels(law)).toEqual(["第一条", "第二条", "第三条", "第三条之一", "第四条"]);
    expect(found(law, "第三条之一")?.path).toEqual([
      "中华人民共和国劳动合同法",
      "第二章 特别规定",
      "第二节 劳务派遣",
    ]);
    expect(found(law, "第一条")?.path).toEqual(["中华人民共和国劳动合同法", "第一章 总则"]);
    expect(slice(law, found(law, "第一条"))).toBe("第一条 为了完善劳动合同制度，制定本法。\n\n");
  });

  it("keeps a line that only mentions an article inside the article that it belongs to", () => {
    expect(slice(law, found(law, "第三条"))).toContain("第八十二条规定的标准支付；");
    expect(slice(law, found(law, "第三条"))).toContain("第一条、第二条的规定。");
  });

  it("keeps title and publication lines as a section of their own", () => {
    expect(slice(law, splitSections(law)[0])).toBe("# 中华人民共和国劳动合同法\n\n2007年6月29日通过\n\n");
    expect(splitSections(law)[0]?.label).toBeUndefined();
  });

  it("reads divisions and articles without marks, blanks or empty lines between them", () => {
    const text =
      "某某条例\n第一编总则\n第一章一般规定\n第一条为了保护职工，制定本条例。\n第二条中华人民共和国境内适用。\n第二章 附则\n第３条：自公布之日起施行。";
    expect(labels(text)).toEqual(["第一条", "第二条", "第三条"]);
    expect(found(text, "第二条")?.path).toEqual(["第一编总则", "第一章一般规定"]);
    expect(found(text, "第三条")?.path).toEqual(["第一编总则", "第二章 附则"]);
  });

  it.each([
    ["a mention behind an introduction", "依照下列规定：\n第八十二条 规定的工资；"],
    ["a list of articles behind an introduction", "依照下列规定：\n第一条、第二条的规定；"],
    ["a paragraph of another article", "依照下列规定：\n第九条 第二款的工资；"],
    ["a mention of the very next article", "依照规定支付。\n第三条规定的事项除外。"],
    ["a reference with other words", "依照规定支付。\n第三条所列事项除外。"],
    ["an attached number that does not go on", "依照规定支付。\n第十条由单位支付。"],
    ["an attached number that goes on, inside a sentence", "应当依照\n第三条由单位支付。"],
    ["a number with a blank that does not go on, inside a sentence", "应当依照\n第十条 由单位支付。"],
  ])("does not take %s for an article", (_, words) => {
    const text = `第一条 甲。\n第二条 乙${words}\n第三条 丙。\n第四条 丁。`;
    expect(labels(text)).toEqual(["第一条", "第二条", "第三条", "第四条"]);
    expect(slice(text, found(text, "第二条"))).toBe(`第二条 乙${words}\n`);
  });

  it("finds an article behind a line that ended without a sentence end", () => {
    expect(labels("第一条 甲。\n第二条 见附表\n第三条 丙。")).toEqual(["第一条", "第二条", "第三条"]);
  });

  it("follows a law that leaves out a number", () => {
    expect(labels("第一条 甲。\n\n第二条 乙。\n\n第五条 丙。\n\n第六条 丁。")).toEqual([
      "第一条",
      "第二条",
      "第五条",
      "第六条",
    ]);
  });

  it("reads articles as headings, in bold and with names in brackets", () => {
    expect(labels("## 第一条 目的\n\n甲\n\n**第二条** 乙\n\n第三条【适用】丙")).toEqual([
      "第一条",
      "第二条",
      "第三条",
    ]);
  });

  it("puts a table of contents aside and takes the path from the text", () => {
    const text =
      "条例\n目录\n第一章 总则\n第二章 附则\n\n第一章 总则\n第一条 甲。\n第二条 乙。\n第二章 附则\n第三条 丙。";
    expect(found(text, "第一条")?.path).toEqual(["第一章 总则"]);
    expect(labels(text)).toHaveLength(3);
  });

  it("ends the last article where an annex begins", () => {
    const text = `${law}\n附件：申请表\n\n姓名 | 单位\n`;
    const last = splitSections(text).at(-1);
    expect(slice(text, last)).toBe("附件：申请表\n\n姓名 | 单位\n");
    expect(last?.path).toEqual(["中华人民共和国劳动合同法", "附件：申请表"]);
  });

  it("begins counting again for a second law in one file", () => {
    const text = `${law}\n# 实施办法\n\n第一条 甲。\n\n第二条 乙。\n`;
    expect(labels(text).slice(5)).toEqual(["第一条", "第二条"]);
    expect(splitSections(text).at(-1)?.path).toEqual(["实施办法"]);
  });
});

describe("splitSections on other texts", () => {
  it("divides by headings with their path, text before the first one included", () => {
    const text = "先看这里。\n\n## 规定\n- 甲\n### 例外\n乙\n## 怎么办\n丙\n";
    const sections = splitSections(text);
    expect(sections.map((section) => [section.path.join("/"), slice(text, section)])).toEqual([
      ["", "先看这里。\n\n"],
      ["规定", "## 规定\n- 甲\n"],
      ["规定/例外", "### 例外\n乙\n"],
      ["怎么办", "## 怎么办\n丙\n"],
    ]);
  });

  it("takes a text with two articles for no law", () => {
    expect(labels("第一条 甲。\n\n第二条 乙。")).toEqual([]);
  });

  it("does not take # lines in code and signs without a title for headings", () => {
    expect(splitSections("一\n```\n# 注释\n```\n#12351#\n# \n")).toHaveLength(1);
  });

  it("gives a text without marks as one section and an empty text as none", () => {
    expect(splitSections("只有文字\n\n第二段")).toEqual([{ ordinal: 0, path: [], start: 0, end: 9 }]);
    expect(splitSections("")).toEqual([]);
  });

  it("names the page on which a section's words begin", () => {
    const text = "# 甲\n一\n# 乙\n二\n# 丙\n";
    const pages = [
      { start: 0, end: 4, page: 2 },
      { start: 4, end: text.length, page: 5 },
    ];
    expect(splitSections(text, { pages }).map(({ page }) => page)).toEqual([2, 5, 5]);
  });
});

/** Lines that look like structure, so that random texts meet every rule. */
const lawLike = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 12 }),
      fc.constantFrom(
        "",
        " ",
        "　",
        "# 标题",
        "## 第一章 总则",
        "第二章 附则",
        "附件：表",
        "```",
        "第三条规定的",
        "- 甲",
        "1. 乙",
        "  续",
      ),
      fc.integer({ min: 1, max: 30 }).map((number) => `第${number}条 内容。`),
    ),
    { maxLength: 40 },
  )
  .chain((lines) => fc.constantFrom("\n", "\n\n", "\r\n").map((end) => lines.join(end)));

describe("assertLossless", () => {
  it("holds for any text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), lawLike), (text) => {
        const sections = splitSections(text);
        assertLossless(text, sections);
        expect(sections.map((section) => slice(text, section)).join("")).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["text before the first section", [[1, 9]]],
    ["text after the last section", [[0, 8]]],
    [
      "text between two sections",
      [
        [0, 3],
        [4, 9],
      ],
    ],
    [
      "a doubled character",
      [
        [0, 5],
        [4, 9],
      ],
    ],
    [
      "an empty section",
      [
        [0, 0],
        [0, 9],
      ],
    ],
    ["no section at all", []],
  ])("throws for %s", (_, ranges) => {
    const sections = ranges.map(([start = 0, end = 0], ordinal) => ({ ordinal, path: [], start, end }));
    expect(() => assertLossless("第一条 甲乙丙丁。", sections)).toThrow(
      expect.objectContaining({ code: "knowledge.document_refused" }),
    );
  });
});
