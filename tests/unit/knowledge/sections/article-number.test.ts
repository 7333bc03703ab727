import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatArticleLabel, parseArticleLabel } from "../../../../src/knowledge/sections/article-number.ts";

describe("parseArticleLabel", () => {
  it.each([
    ["第八十二条", 82],
    ["八十二条", 82],
    ["82条", 82],
    ["第82条", 82],
    ["第８２条", 82],
    ["第 82 条", 82],
    ["　第十条　", 10],
    ["第二十条", 20],
    ["第一百零三条", 103],
    ["第一百〇三条", 103],
    ["第一〇三条", 103],
    ["第一百一十条", 110],
    ["第一百十条", 110],
    ["第两百条", 200],
    ["第一千二百六十条", 1260],
    ["第一千零一条", 1001],
  ])("reads %s", (label, number) => {
    expect(parseArticleLabel(label)).toEqual({ number });
  });

  it("reads articles that an amendment has put in", () => {
    expect(parseArticleLabel("第二百七十六条之一")).toEqual({ number: 276, suffix: 1 });
    expect(parseArticleLabel("276条之2")).toEqual({ number: 276, suffix: 2 });
  });

  it.each([
    "",
    "条",
    "第条",
    "第八十二款",
    "第零条",
    "第百条",
    "第二三十条",
    "第十百条",
    "第八十二条规定",
    "第12345条",
  ])("does not take %j for an article", (label) => {
    expect(parseArticleLabel(label)).toBeUndefined();
  });
});

describe("formatArticleLabel", () => {
  it.each([
    [1, "第一条"],
    [10, "第十条"],
    [19, "第十九条"],
    [82, "第八十二条"],
    [100, "第一百条"],
    [103, "第一百零三条"],
    [110, "第一百一十条"],
    [1001, "第一千零一条"],
    [1010, "第一千零一十条"],
    [1260, "第一千二百六十条"],
  ])("prints %i as laws do", (number, label) => {
    expect(formatArticleLabel(number)).toBe(label);
  });

  it("prints a suffix", () => {
    expect(formatArticleLabel(276, 1)).toBe("第二百七十六条之一");
  });

  it("is read back to the same number, for every number", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9999 }),
        fc.option(fc.integer({ min: 1, max: 99 })),
        (number, option) => {
          const wanted = option === null ? { number } : { number, suffix: option };
          expect(parseArticleLabel(formatArticleLabel(number, option ?? undefined))).toEqual(wanted);
        },
      ),
    );
  });
});
