import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitText } from "../../../src/messaging/split-text.ts";

const bytes = (text: string) => Buffer.byteLength(text);
const withoutBlanks = (text: string) => text.replace(/\s/gu, "");
const segmenter = new Intl.Segmenter("zh", { granularity: "grapheme" });
const graphemes = (text: string) => [...segmenter.segment(text)].map(({ segment }) => segment);

/** Text as people write it: words, marks, emoji of several code points, blanks and line breaks. */
const written = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "工资",
        "老板",
        "12351",
        "。",
        "！",
        "，",
        "……",
        "\n",
        "\n\n",
        " ",
        "“",
        "”",
        "a. ",
        "word ",
      ),
      fc.constantFrom("👨‍👩‍👧‍👦", "👍🏽", "é", "🇨🇳", "\u200d", "\r\n", "[1]", "１", "https://a.cn/b?c=1;d,e"),
      fc.string({ unit: "grapheme", maxLength: 5 }),
      fc.string({ unit: "binary", maxLength: 5 }),
    ),
    { maxLength: 120 },
  )
  .map((pieces) => pieces.join(""));

describe("any text", () => {
  it("loses nothing but blanks, has no empty part and none too long", () => {
    fc.assert(
      fc.property(written, fc.integer({ min: 8, max: 200 }), (text, longest) => {
        const parts = splitText(text, longest);
        expect(withoutBlanks(parts.join(""))).toBe(withoutBlanks(text));
        for (const part of parts) {
          expect(part.trim()).not.toBe("");
          expect(part.length).toBeLessThanOrEqual(longest);
          expect(part).toBe(part.trim());
        }
      }),
      { numRuns: 400 },
    );
  });

  it("is never cut inside a character as people see it", () => {
    fc.assert(
      fc.property(written, fc.integer({ min: 20, max: 200 }), (text, longest) => {
        const whole = graphemes(text.trim());
        fc.pre(whole.every((grapheme) => grapheme.length <= longest));
        // A blank with an invisible mark on it loses the blank at a cut, as every blank there.
        const kept = (all: string[]) => all.map((grapheme) => grapheme.trim()).filter((text) => text !== "");
        expect(splitText(text, longest).flatMap((part) => kept(graphemes(part)))).toEqual(kept(whole));
      }),
      { numRuns: 400 },
    );
  });

  it("is measured in the platform's own units", () => {
    fc.assert(
      fc.property(written, fc.integer({ min: 60, max: 300 }), (text, longest) => {
        for (const part of splitText(text, longest, bytes)) expect(bytes(part)).toBeLessThanOrEqual(longest);
      }),
      { numRuns: 200 },
    );
  });

  it("gives the same parts every time", () => {
    fc.assert(
      fc.property(written, (text) => {
        expect(splitText(text, 30)).toEqual(splitText(text, 30));
      }),
    );
  });
});

describe("a cut", () => {
  it.each([
    ["that is not needed is not made", "老板不发工资。", 100, ["老板不发工资。"]],
    ["of a blank text leaves nothing", " \n ", 5, []],
    [
      "stands at a paragraph's end",
      "第一段说完了。还有。\n\n第二段也说完。",
      14,
      ["第一段说完了。还有。", "第二段也说完。"],
    ],
    [
      "at a paragraph's end is passed over where it leaves a few words",
      "好。\n\n第一句话说完了。第二句",
      14,
      ["好。\n\n第一句话说完了。", "第二句"],
    ],
    [
      "stands at a sentence's end with its closing mark",
      "他说：“走吧。”我说不走。",
      10,
      ["他说：“走吧。”", "我说不走。"],
    ],
    [
      "keeps the citations of a sentence with it",
      "要付二倍工资。[1][2]还要补签。",
      14,
      ["要付二倍工资。[1][2]", "还要补签。"],
    ],
    ["keeps a row of marks together", "真的吗？？！好", 5, ["真的", "吗？？！好"]],
    ["stands at a line's end", "· 带身份证\n· 带合同", 8, ["· 带身份证", "· 带合同"]],
    [
      "stands at an English sentence's end",
      "Call us. We listen to you",
      16,
      ["Call us.", "We listen to you"],
    ],
    ["does not take a number of a list for a sentence", "带上 1. 身份证原件", 9, ["带上 1. 身份证", "原件"]],
    [
      "stands at a comma where no sentence ends",
      "带上身份证，带上合同原件",
      9,
      ["带上身份证，", "带上合同原件"],
    ],
    ["spares a telephone number", "请现在就打12351问问", 8, ["请现在就打", "12351问问"]],
    ["spares an address on the web", "看 https://a.cn/b?c=1 这里", 21, ["看 https://a.cn/b?c=1", "这里"]],
    ["spares an English word", "overtime payment", 10, ["overtime", "payment"]],
    ["spares a pair of surrogates", "工会😀😀", 5, ["工会😀", "😀"]],
    ["goes anywhere where nothing better is", "a".repeat(12), 5, ["aaaaa", "aaaaa", "aa"]],
    ["leaves a character whole that is too large", "😀😀", 1, ["😀", "😀"]],
    [
      "goes between code points of a character without end",
      `a${"\u0301".repeat(7)}`,
      4,
      ["a\u0301\u0301\u0301", "\u0301\u0301\u0301\u0301"],
    ],
  ])("%s", (_name, text, longest, parts) => {
    expect(splitText(text, longest)).toEqual(parts);
  });
});

it("a million characters without a mark are split in little time", () => {
  const parts = splitText("工".repeat(1_000_000), 4_096);
  expect(parts).toHaveLength(Math.ceil(1_000_000 / 4_096));
  expect(parts.join("")).toHaveLength(1_000_000);
});
