import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type DocumentKind,
  documentKinds,
  type PolicyDocument,
} from "../../../../src/knowledge/policy-document.ts";
import { chunkSlices, cutChunks } from "../../../../src/knowledge/sections/cut-chunks.ts";
import { longestPiece } from "../../../../src/knowledge/sections/cut-text.ts";
import { splitSections } from "../../../../src/knowledge/sections/split-sections.ts";

const document = (text: string, kind: DocumentKind = "document", title = "办法"): PolicyDocument => ({
  id: "doc",
  origin: "library",
  path: "doc.md",
  title,
  kind,
  region: "全国",
  audience: [],
  sources: [],
  questions: [],
  text,
  sections: splitSections(text),
  contentHash: "hash",
  warnings: [],
});
const texts = (one: PolicyDocument) => cutChunks(one).map(({ text }) => text);

const guide = `单位要付二倍工资。最多十一个月。

## 规定
- 《劳动合同法》第八十二条：二倍工资。
  从第二个月算起。
- 《劳动合同法》第十四条：
  - 满一年视为无固定期限。

  还是这一条。

不服的可以申请仲裁。

## 怎么办
先收集证据：
1. 工资转账记录。
2. 打 12333。
`;

describe("cutChunks on a guide", () => {
  it("makes the answer and every list item with its continuation one chunk each", () => {
    expect(
      cutChunks(document(guide, "guide", "二倍工资")).map(({ path, text }) => [path.join("/"), text]),
    ).toEqual([
      ["二倍工资", "单位要付二倍工资。最多十一个月。"],
      ["二倍工资/规定", "- 《劳动合同法》第八十二条：二倍工资。\n  从第二个月算起。"],
      ["二倍工资/规定", "- 《劳动合同法》第十四条：\n  - 满一年视为无固定期限。\n\n  还是这一条。"],
      ["二倍工资/规定", "不服的可以申请仲裁。"],
      ["二倍工资/怎么办", "先收集证据："],
      ["二倍工资/怎么办", "1. 工资转账记录。"],
      ["二倍工资/怎么办", "2. 打 12333。"],
    ]);
  });

  it("leaves the lists of other documents in one piece", () => {
    expect(cutChunks(document(guide))).toHaveLength(3);
  });
});

describe("cutChunks", () => {
  it("gives articles with label and path, and no chunk for headings alone", () => {
    const text =
      "# 中华人民共和国工会法\n\n## 第一章 总则\n\n第一条 甲。\n\n第二条 乙。\n\n第二章 附则\n\n第三条 丙。\n";
    expect(
      cutChunks(document(text, "law", "工会法")).map(({ path, label, text }) => [
        path.join("/"),
        label,
        text,
      ]),
    ).toEqual([
      ["工会法/第一章 总则", "第一条", "第一条 甲。"],
      ["工会法/第一章 总则", "第二条", "第二条 乙。"],
      ["工会法/第二章 附则", "第三条", "第三条 丙。"],
    ]);
  });

  it("keeps a first heading that only resembles the title", () => {
    expect(cutChunks(document("# 劳动合同的订立\n甲", "document", "劳动合同"))[0]?.path).toEqual([
      "劳动合同",
      "劳动合同的订立",
    ]);
  });

  it("counts chunks in order, names section and page, and derives ids from document, version and place", () => {
    const text = "# 甲\n一\n# 乙\n二\n";
    const sections = splitSections(text, { pages: [{ start: 0, end: text.length, page: 3 }] });
    const chunks = cutChunks({ ...document(text), sections });
    expect(chunks.map(({ ordinal, section, page }) => [ordinal, section, page])).toEqual([
      [0, 0, 3],
      [1, 1, 3],
    ]);
    expect(chunks[1]?.id).toBe(createHash("sha256").update("doc\nhash\n1").digest("hex").slice(0, 16));
    const other = cutChunks({ ...document(text), contentHash: "other" });
    expect(new Set([...chunks, ...other].map(({ id }) => id)).size).toBe(4);
  });

  it("cuts a long section after paragraphs", () => {
    const paragraph = `${"工".repeat(250)}。`;
    expect(texts(document([paragraph, paragraph, paragraph].join("\n\n")))).toEqual([
      `${paragraph}\n\n${paragraph}`,
      paragraph,
    ]);
  });

  it("cuts a long paragraph after sentences and keeps the closing quote with its sentence", () => {
    const sentence = `“${"工".repeat(350)}。”`;
    expect(texts(document(sentence + sentence))).toEqual([sentence, sentence]);
  });

  it("cuts a sentence without end at the greatest length, never inside a character", () => {
    const pieces = texts(document(`a${"😀".repeat(700)}`));
    expect(pieces.join("")).toBe(`a${"😀".repeat(700)}`);
    expect(pieces.every((piece) => piece.isWellFormed() && piece.length <= longestPiece)).toBe(true);
  });
});

describe("chunkSlices", () => {
  const lines = fc.array(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 30 }),
      fc.constantFrom("", "  ", "# 标题", "## 规定", "- 项", "  续行", "1. 步骤", "```", "附件：表"),
      fc.integer({ min: 1, max: 9 }).map((number) => `第${number}条 内容。`),
      fc.integer({ min: 500, max: 1500 }).map((length) => "长。文，字".repeat(length / 5)),
    ),
    { maxLength: 30 },
  );

  it("puts every section together again, for any text of any kind", () => {
    fc.assert(
      fc.property(lines, fc.constantFrom(...documentKinds), (parts, kind) => {
        const one = document(parts.join("\n"), kind);
        const slices = chunkSlices(one);
        for (const section of one.sections) {
          const own = slices.filter((slice) => slice.section === section);
          const whole = own.map(({ start, end }) => one.text.slice(start, end)).join("");
          expect(whole).toBe(one.text.slice(section.start, section.end));
        }
        expect(slices.every(({ start, end }) => end > start && end - start <= longestPiece)).toBe(true);
        expect(cutChunks(one).every(({ text }) => text !== "" && text === text.trim())).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
