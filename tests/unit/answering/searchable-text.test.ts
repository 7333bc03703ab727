import { expect, it } from "vitest";
import { searchableText } from "../../../src/answering/searchable-text.ts";

it("takes personal numbers and the words that announce them out of a question", () => {
  expect(searchableText("我身份证号500101199003071234，手机13800138000，老板欠我2万")).toMatch(
    /^[，,\s]*老板欠我2万$/u,
  );
});

it("leaves sums, dates and hotlines in place", () => {
  const question = "2023年5月起每月6500元，12333打不通怎么办";
  expect(searchableText(question)).toBe(question);
});

it("keeps a message that is nothing but a number", () => {
  expect(searchableText("13800138000")).toBe("13800138000");
});
