import { describe, expect, it } from "vitest";
import {
  wordsForDialect,
  wordsForEnglish,
} from "../../../../../src/knowledge/retrieval/query/added-words.ts";

describe("the knowledge's words for an English question", () => {
  it.each([
    ["how is overtime pay calculated?", ["加班费", "怎么算"]],
    ["i was fired while pregnant", ["怀孕", "辞退"]],
    ["labor contracts", ["劳动合同"]],
    ["minimum wage", ["最低工资"]],
    ["work injuries? no: a work injury", ["工伤"]],
  ])("%s: %j", (text, words) => {
    expect(wordsForEnglish(text)).toEqual(words);
  });

  it("come from the longest phrase alone: overtime pay is no pay", () => {
    expect(wordsForEnglish("overtime pay")).toEqual(["加班费"]);
  });

  it("come from whole words: paying is no pay, sunion no union", () => {
    expect(wordsForEnglish("repayment sunion")).toEqual([]);
  });
});

describe("the knowledge's words for dialect", () => {
  it.each([
    ["我屋老汉儿摔死了", ["父亲", "家人", "工亡", "死亡"]],
    ["天天没得活路", ["停工", "没有工作"]],
    ["跟老板扯皮", ["纠纷", "争议"]],
    ["老板拖欠工资", []],
  ])("%s: %j", (text, words) => {
    expect(wordsForDialect(text)).toEqual(words);
  });
});
