import { describe, expect, it } from "vitest";
import { findQuote } from "../../../../src/pages/chat/find-quote.ts";

describe("a quote in its passage", () => {
  it("is found although blanks and line breaks differ", () => {
    expect(findQuote("第一款\n用人 单位应当\n支付工资。完", "用人单位应当支付工资。")).toEqual({
      before: "第一款\n",
      quote: "用人 单位应当\n支付工资。",
      after: "完",
    });
  });

  it("marks nothing when it does not stand there", () => {
    for (const quote of ["没有这句", "", "  "]) {
      expect(findQuote("原文", quote)).toEqual({ before: "原文", quote: "", after: "" });
    }
  });

  it("keeps every character of a passage with rare characters", () => {
    const { before, quote, after } = findQuote("𠮷甲😀 乙丙", "😀乙");
    expect([before, quote, after]).toEqual(["𠮷甲", "😀 乙", "丙"]);
  });
});
