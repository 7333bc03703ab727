import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanCaption, cleanText, longestMessage } from "../../../src/messaging/clean-text.ts";

describe("cleanText", () => {
  it.each([
    ["  你好 \n", "你好"],
    ["一\r\n二\r三\t四", "一\n二\n三\t四"],
    ["a\u0000\u0007\u009fb", "ab"],
    ["👩‍🏭", "👩‍🏭"],
    ["半个\ud83d", "半个\ufffd"],
    ["12\u200f34", "12\u200f34"],
    ["\u202e欠薪\u2069", "欠薪"],
  ])("keeps what can be read of %j", (text, cleaned) => {
    expect(cleanText(text)).toBe(cleaned);
  });

  it("counts characters as people do", () => {
    expect(cleanText("😡".repeat(longestMessage))).toHaveLength(2 * longestMessage);
    expect(() => cleanText("a".repeat(longestMessage + 1))).toThrow(
      expect.objectContaining({ code: "http.too_large" }),
    );
    expect(cleanText(` ${"\u0000".repeat(9_000)}a`)).toBe("a");
  });

  it("gives back a text that it would not change again, or refuses it by its code", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 50 }), (text) => {
        try {
          const cleaned = cleanText(text);
          return cleanText(cleaned) === cleaned && cleaned.isWellFormed();
        } catch (error) {
          return (error as { code?: string }).code === "http.empty_message";
        }
      }),
    );
  });
});

describe("cleanCaption", () => {
  it("is empty where nothing readable is left, and else what cleanText gives", () => {
    expect(cleanCaption(" \u200b\u202e\u0000 ")).toBe("");
    expect(cleanCaption(" 工资条\u0007 ")).toBe("工资条");
    expect(() => cleanCaption("a".repeat(longestMessage + 1))).toThrow(
      expect.objectContaining({ code: "http.too_large" }),
    );
  });
});
