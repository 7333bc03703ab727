import { describe, expect, it } from "vitest";
import { spansOfWords } from "../../../../../src/knowledge/retrieval/query/word-spans.ts";

const starts = (text: string, words: string[]) => [...spansOfWords(text, words).starts];

describe("where words stand in a text", () => {
  it("a word counts once, its parts do not", () => {
    expect(starts("签劳动合同", ["劳动", "合同", "劳动合同"])).toEqual([-1, 1, 1, 1, 1]);
  });

  it("the same word twice stands in two places", () => {
    expect(starts("工资工资条", ["工资", "工资", "工资条"])).toEqual([0, 0, 2, 2, 2]);
  });

  it("what the segmenter left alone stays alone, stop words of two characters do not", () => {
    expect(starts("社宝怎么买", ["社", "宝", "买"])).toEqual([-1, -1, 2, 2, -1]);
  });

  it("words that the text does not have are passed over", () => {
    expect(starts("仲裁", ["法院", "仲裁"])).toEqual([0, 0]);
  });
});
