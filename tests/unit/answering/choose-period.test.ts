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

  it("is nothing where nothing supports one on either day", () => {
    expect(choosePeriod([], [], asked, today)).toEqual({ support: [] });
  });

  it("may be a text of then alone", () => {
    expect(choosePeriod([oldLaw], [], asked, today)).toEqual({ support: [oldLaw], note: "ended" });
  });
});
