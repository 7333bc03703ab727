import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { QueryReader } from "../../../../../src/knowledge/retrieval/query/read-query.ts";
import { Tokenizer } from "../../../../../src/knowledge/retrieval/tokenizer.ts";

const tokenizer = new Tokenizer();
const reader = new QueryReader({
  vocabulary: [
    ["劳动合同", 100],
    ["社保", 100],
    ["仲裁", 100],
  ],
  segment: (text) => tokenizer.words(text),
});

describe("a question as it was typed", () => {
  it("is searched in simplified characters, half width and without misspellings", () => {
    expect(reader.read("勞動合同沒簽，單位不買社宝？")).toMatchObject({
      text: "劳动合同没签,单位不买社保?",
      corrections: [{ from: "社宝", to: "社保" }],
    });
  });

  it("does not call another script a misspelling", () => {
    expect(reader.read("勞動合同").corrections).toEqual([]);
  });

  it("names the articles and laws that it asks for", () => {
    expect(reader.read("勞合法第４６、４７條和工傷條例")).toMatchObject({
      articles: ["第四十六条", "第四十七条"],
      laws: ["劳动合同法", "工伤保险条例"],
    });
  });

  it("has the knowledge's words for dialect and amounts beside it, and its own words unchanged", () => {
    const { text, added } = reader.read("老板欠我一百二十块，跟他扯皮");
    expect(text).toBe("老板欠我一百二十块,跟他扯皮");
    expect(added).toEqual(expect.arrayContaining(["纠纷", "120元"]));
  });

  it("adds no word that it says already", () => {
    expect(reader.read("跟老板扯皮是不是纠纷").added).toEqual(["争议"]);
  });

  it("in English is searched with the knowledge's words", () => {
    expect(reader.read("How is OVERTIME PAY calculated?")).toMatchObject({
      text: "加班费 怎么算",
      added: [],
    });
  });

  it("in English within Chinese keeps its words and has the knowledge's beside them", () => {
    expect(reader.read("overtime pay怎么要")).toMatchObject({
      text: "overtime pay怎么要",
      added: ["加班费"],
    });
  });

  it("in a language that the glossary does not have stays as it is", () => {
    expect(reader.read("привет как дела")).toMatchObject({ text: "привет как дела", added: [] });
  });
});

describe("a text that is no question", () => {
  it.each([
    ["nothing", ""],
    ["10 000 characters", "老板托欠工資三个月".repeat(1_200)],
    ["10 000 misspellings", "社宝仲才".repeat(2_500)],
    ["stop words only", "的了是在和".repeat(2_000)],
    ["punctuation only", "。，！？…".repeat(2_000)],
    ["one character over and over", "仲".repeat(10_000)],
    ["letters that grow when they are normalised", "ﷺ".repeat(10_000)],
    ["numbers without end", "第1、".repeat(3_000)],
    ["amounts without end", "3个月".repeat(3_000)],
    ["zero bytes", "\u0000".repeat(100)],
  ])("%s is read within bounds", (_, text) => {
    const read = reader.read(text);
    expect(read.text.length).toBeLessThanOrEqual(2_000);
    expect(read.added.length).toBeLessThanOrEqual(60);
  });

  it("is never left with half a character", () => {
    for (const text of ["\ud83d", "\ude00社保", `${"a".repeat(1_999)}😀`]) {
      expect(reader.read(text).text.isWellFormed()).toBe(true);
    }
  });

  it("is read without an error, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        reader.read(text);
      }),
      { numRuns: 300 },
    );
    const characters = [..."第条一二两百千万半块个月年和、至法社宝仲才的 a1《》（）"];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...characters), { maxLength: 60 }), (parts) => {
        reader.read(parts.join(""));
      }),
      { numRuns: 500 },
    );
  });
});
