import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bigramsOf } from "../../../../src/knowledge/retrieval/tokenizer.ts";
import { tools } from "../../../support/knowledge-tools.ts";

const { tokenizer } = tools;

describe("cutting text", () => {
  it("gives words without line ends, whatever the text: an index stores one a line", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc
        .array(fc.constantFrom("工", "资", "a", "\n", "\r", "\u2028", "\ud800", "😀", " ", "1", "."))
        .map((all) => all.join("")),
    );
    fc.assert(
      fc.property(text, (any) => {
        const { words, bigrams } = tokenizer.tokenize(any);
        for (const term of [...words, ...bigrams]) expect(term).not.toMatch(/\n/u);
        tokenizer.tokenizeQuery(any);
      }),
      { numRuns: 300 },
    );
  });

  it("knows the words of labour law", () => {
    expect(tokenizer.tokenize("用人单位应当支付二倍工资").words).toEqual(
      expect.arrayContaining(["用人单位", "二倍工资"]),
    );
  });

  it("looks at the beginning of a very long question only, also when it is cut inside a character", () => {
    const long = `${"工".repeat(1_999)}😀${"资".repeat(8_000)}`;
    const { bigrams, text } = tokenizer.tokenizeQuery(long);
    expect(text.length).toBeLessThanOrEqual(2_001);
    expect([...bigrams.keys()]).not.toContain("资资");
  });

  it("takes full-width and half-width, upper and lower case for the same", () => {
    expect(tokenizer.tokenizeQuery("ＡＰＰ 第８２条").words).toEqual(
      tokenizer.tokenizeQuery("app 第82条").words,
    );
  });

  it("pairs neighbouring Chinese characters and keeps runs of letters and digits whole", () => {
    expect(bigramsOf("二倍工资,app 12351天")).toEqual(["二倍", "倍工", "工资", "app", "12351", "天"]);
  });
});
