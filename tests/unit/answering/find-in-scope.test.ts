import { describe, expect, it } from "vitest";
import { findInScope, type Scope } from "../../../src/answering/find-in-scope.ts";
import type { Support } from "../../../src/answering/select-passages.ts";
import { isInForce } from "../../../src/knowledge/documents/in-force.ts";
import { documentOf } from "../../support/knowledge-tools.ts";

const home = { today: "2026-11-22", region: "重庆" };
const support = (id: string, score: number, about: Parameters<typeof documentOf>[2] = {}): Support => {
  const { document } = documentOf(id, ["文"], about);
  return { document, score, coverage: 1, similarity: 1, hits: [] };
};

/** A library of these, and what was asked of it. */
function over(supports: readonly Support[]) {
  const asked: Scope[] = [];
  const find = async (scope: Scope) => {
    asked.push(scope);
    return supports.filter(
      ({ document }) =>
        (scope.asOf === undefined ? document === ended.document : isInForce(document, scope.asOf)) &&
        ["全国", scope.region].includes(document.region),
    );
  };
  return { asked, find };
}

const national = support("national", 1);
const here = support("here", 2, { region: "重庆" });
const ended = support("ended", 1.5, { kind: "law", repealed: "2021-01-01" });
const coming = support("coming", 3, { kind: "law", effective: "2027-01-01", repealed: "2028-01-01" });
const ids = (supports: readonly Support[]) => supports.map(({ document }) => document.id);

describe("the scope of a question", () => {
  it("is the federation's place today, looked at once, where it tells of none", async () => {
    for (const asked of [{}, { asOf: { date: home.today } }, { region: "重庆" }]) {
      const library = over([coming, here, ended, national]);
      expect(ids((await findInScope(asked, home, library.find)).support)).toEqual(["here", "national"]);
      expect(library.asked).toEqual([{ asOf: home.today, region: "重庆" }]);
    }
  });

  it("holds former texts where these are asked for, and none that is yet to come", async () => {
    const { support: found, note } = await findInScope(
      { asOf: { date: home.today, asks: "former" } },
      home,
      over([coming, here, ended, national]).find,
    );
    expect([ids(found), note]).toEqual([["ended"], "ended"]);
  });

  it("is the place where the worker works, without the federation's own rules", async () => {
    const library = over([support("there", 2, { region: "四川" }), here, national]);
    const { support: found, note } = await findInScope({ region: "四川" }, home, library.find);
    expect([ids(found), note]).toEqual([["there", "national"], undefined]);
  });

  it("is the federation's place, said to be another one, where only that has a rule on the matter", async () => {
    const { support: found, note } = await findInScope({ region: "四川" }, home, over([here, national]).find);
    expect([ids(found), note]).toEqual([["here", "national"], "other_place"]);
  });

  it("is the whole country's where that fits best", async () => {
    const library = over([{ ...national, score: 3 }, here]);
    const { support: found, note } = await findInScope({ region: "四川" }, home, library.find);
    expect([ids(found), note]).toEqual([["national"], undefined]);
  });
});
