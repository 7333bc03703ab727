import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keepTogether } from "../../../../src/pages/chat/keep-together.ts";
import { type Inline, type Line, parseText } from "../../../../src/pages/chat/parse-text.ts";

const options = { citations: new Set([1, 2]), phones: ["12351", "110", "120", "023-12345678"] };
const parse = (text: string) => parseText(text, options);
const firstLine = (text: string): Line => {
  const block = parse(text)[0];
  return block?.kind === "paragraph" ? (block.lines[0] ?? []) : [];
};
const phonesOf = (text: string) => firstLine(text).filter(({ kind }) => kind === "phone");
const plain = (parts: readonly Inline[]) =>
  parts
    .map((part) =>
      part.kind === "text" ? part.text : part.kind === "phone" ? part.number : `[${part.index}]`,
    )
    .join("");

describe("text of a reply", () => {
  it("becomes paragraphs, heads, steps and bullets", () => {
    const blocks = parse("先说结论。\n第二行。\n\n怎么办：\n1. 收好证据\n2. 去仲裁\n\n· 一\n· 二\n\n结尾");
    expect(blocks.map(({ kind }) => kind)).toEqual(["paragraph", "head", "steps", "bullets", "paragraph"]);
    expect(blocks[0]).toMatchObject({ lines: [[{ text: "先说结论。" }], [{ text: "第二行。" }]] });
    expect(blocks[2]).toMatchObject({ first: 1, items: [[{ text: "收好证据" }], [{ text: "去仲裁" }]] });
  });

  it("keeps the number of a list that goes on after a blank line", () => {
    expect(parse("1. 一\n\n2. 二")[1]).toMatchObject({ kind: "steps", first: 2 });
  });

  it("does not take an amount at the head of a line for a step", () => {
    expect(parse("1.5倍工资\n2024. 年底")[0]).toMatchObject({ kind: "paragraph" });
  });

  it("does not take a long sentence that ends in a colon for a head", () => {
    const text = "根据重庆市总工会去年年底发布的公开报告里面的说明，帮扶的项目主要有以下这些：";
    expect(parse(text)[0]?.kind).toBe("paragraph");
  });

  it("makes a source mark only of a number that has a source", () => {
    expect(firstLine("有[1]，没有[7]。")).toEqual([
      { kind: "text", text: "有" },
      { kind: "citation", index: 1 },
      { kind: "text", text: "，没有[7]。" },
    ]);
  });

  it("leaves markup as text", () => {
    expect(firstLine('<img src=x onerror="alert(1)"> **粗** [a](javascript:b)')).toEqual([
      { kind: "text", text: '<img src=x onerror="alert(1)"> **粗** [a](javascript:b)' },
    ]);
  });

  it("makes known hotlines dialable, also with an area code", () => {
    expect(phonesOf("请拨打12351，或者023-12345678。")).toHaveLength(2);
    expect(phonesOf("有危险马上打110、120。")).toHaveLength(2);
  });

  it("does not make an amount, an article or a longer number dialable", () => {
    for (const text of ["补120元", "第120条", "一共12351元", "编号1123510", "共120 天", "涨到120%"]) {
      expect(phonesOf(text), text).toEqual([]);
    }
  });

  it("never loses or adds a character of a line", () => {
    const pieces = fc.constantFrom("[1]", "[9]", "12351", "打110", "。", "工资", "[", "]", "1", " x");
    fc.assert(
      fc.property(fc.array(pieces, { minLength: 1, maxLength: 12 }), (parts) => {
        const text = `甲${parts.join("")}`.trim();
        expect(plain(firstLine(text))).toBe(text);
        expect(plain(keepTogether(firstLine(text)).flat())).toBe(text);
      }),
    );
  });
});

describe("a source mark", () => {
  it("stays with the character before it and the punctuation behind it", () => {
    const groups = keepTogether(firstLine("过了就难了[1][2]。再说"));
    expect(groups.map(plain)).toEqual(["过了就难", "了[1][2]。", "再说"]);
  });

  it("stands alone where nothing is before it", () => {
    expect(keepTogether(firstLine("[1]说了")).map(plain)).toEqual(["[1]", "说了"]);
  });
});
