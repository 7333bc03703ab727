import { describe, expect, it } from "vitest";
import { choosePeriod } from "../../../src/answering/choose-period.ts";
import type { Support } from "../../../src/answering/select-passages.ts";
import { documentOf } from "../../support/knowledge-tools.ts";

const today = "2026-11-22";
const asked = { date: "2019-12-31", told: "2019年" };
const support = (id: string, score: number, about: Parameters<typeof documentOf>[2] = {}): Support => {
  const { document } = documentOf(id, ["文"], about);
  return { document, score, coverage: 1, similarity: 1, hits: [] };
};
const ids = (supports: readonly Support[]) => supports.map(({ document }) => document.id);

const guide = support("guide", 2);
const oldLaw = support("工会法(2009)", 1.9, {
  kind: "law",
  title: "工会法",
  published: "2009-08-27",
  repealed: "2022-01-01",
});
const newLaw = support("工会法(2021)", 1.9, {
  kind: "law",
  title: "工会法",
  published: "2021-12-24",
  effective: "2022-01-01",
});

describe("what supports an answer about another day", () => {
  it("is what held then and holds today, without a word, where both give the same", () => {
    expect(choosePeriod([guide], [guide], asked, today)).toEqual({ support: [guide] });
  });

  it("leaves out beside it what holds no more", () => {
    const { support: chosen, note } = choosePeriod([guide, { ...oldLaw, score: 0.5 }], [guide], asked, today);
    expect([ids(chosen), note]).toEqual([["guide"], undefined]);
  });

  it("is the text of then before that of today, which is shown beside it", () => {
    const other = support("other", 1.95);
    expect(choosePeriod([oldLaw], [other, newLaw], asked, today)).toEqual({
      support: [oldLaw],
      note: "ended",
      present: newLaw,
    });
  });

  it("is the text of then before a guide that rests on a later one, and not before one that does not", () => {
    const rests = (date: string) => support("guide", 2, { sources: [{ law: "中华人民共和国工会法", date }] });
    expect(choosePeriod([rests("2021-12-24"), oldLaw], [rests("2021-12-24")], asked, today)).toMatchObject({
      support: [oldLaw],
      note: "ended",
      present: { document: { id: "guide" } },
    });
    const { support: chosen, note } = choosePeriod(
      [rests("2009-08-27"), oldLaw],
      [rests("2009-08-27")],
      asked,
      today,
    );
    expect([ids(chosen), note]).toEqual([["guide"], undefined]);
  });

  it("is the rule of today, named as such, where what fits best came later or nothing of then is known", () => {
    const later = support("later", 2.5, { effective: "2025-01-01" });
    expect(choosePeriod([guide], [later, guide], asked, today)).toEqual({
      support: [later, guide],
      note: "only_present",
    });
    expect(choosePeriod([], [later], asked, today)).toEqual({ support: [later], note: "only_present" });
  });

  it("is the law of then on which a later guide rests, ended or not, where the library has it", () => {
    const rests = support("later", 2.5, {
      effective: "2025-01-01",
      sources: [{ law: "工会法", date: "2021-12-24" }],
    });
    const lasting = support("工会法", 0.5, {
      kind: "law",
      title: "中华人民共和国工会法",
      published: "2009-08-27",
    });
    expect(choosePeriod([guide, lasting], [rests, guide], asked, today)).toEqual({
      support: [lasting],
      note: "still",
      present: rests,
    });
    expect(choosePeriod([guide, { ...oldLaw, score: 0.5 }], [rests, guide], asked, today)).toMatchObject({
      support: [{ document: { id: "工会法(2009)" } }],
      note: "ended",
    });
  });

  it.each([
    ["法律援助条例", "法律援助法", true],
    ["信访条例", "信访工作条例", true],
    [
      "关于审理劳动争议案件适用法律若干问题的解释（三）",
      "关于审理劳动争议案件适用法律问题的解释（一）",
      true,
    ],
    ["法律援助条例", "劳动合同法", false],
  ])("is %s, which %s has replaced: %s", (former, successor, isShown) => {
    const later = support("later", 2.5, {
      effective: "2025-01-01",
      sources: [{ law: successor, date: "2025-01-01" }],
    });
    const law = support("law", 0.5, { kind: "law", title: former, repealed: "2022-01-01" });
    const { support: chosen, note } = choosePeriod([guide, law], [later, guide], asked, today);
    expect([ids(chosen), note]).toEqual(isShown ? [["law"], "ended"] : [["later", "guide"], "only_present"]);
  });

  it("is nothing where nothing supports one on either day", () => {
    expect(choosePeriod([], [], asked, today)).toEqual({ support: [] });
  });

  it("may be a text of then alone", () => {
    expect(choosePeriod([oldLaw], [], asked, today)).toEqual({ support: [oldLaw], note: "ended" });
  });
});
