import { describe, expect, it } from "vitest";
import type { PassageSearch } from "../../../src/answering/passage-search.ts";
import { searchFormer } from "../../../src/answering/search-former.ts";
import type { DocumentInfo } from "../../../src/knowledge/retrieval/index-entries.ts";
import { documentOf } from "../../support/knowledge-tools.ts";
import { scored } from "../../support/scored-passages.ts";

const today = "2026-11-22";
const passages = (id: string, count: number, about: Partial<DocumentInfo>) => {
  const { document, chunks } = documentOf(
    id,
    Array.from({ length: count }, (_, n) => `${id}${n}`),
    about,
  );
  return chunks.map((chunk) => ({ chunk, document }));
};

/** Finds these in this order. */
function over(found: ReturnType<typeof passages>) {
  let searches = 0;
  const search: PassageSearch = {
    search: async ({ limit, without }) => {
      searches += 1;
      return scored(found.filter(({ document }) => !without?.has(document.id)).slice(0, limit));
    },
    passagesOf: () => [],
  };
  return { search, searches: () => searches };
}
const present = (n: number) => passages(`guide${n}`, 300, { kind: "guide" });
const ended = passages("ended", 2, { kind: "law", repealed: "2021-01-01" });

describe("the search for former laws", () => {
  it("finds them however many passages of today stand before them", async () => {
    const { search, searches } = over([...present(1), ...present(2), ...ended]);
    const found = await searchFormer(search, { text: "旧" }, today);
    expect(found.map(({ document }) => document.id)).toEqual(["ended", "ended"]);
    expect(searches()).toBe(3);
  });

  it("takes no guide, no law of today, and none that is yet to come", async () => {
    const { search } = over([
      ...passages("old guide", 1, { kind: "guide", repealed: "2021-01-01" }),
      ...passages("law", 1, { kind: "law" }),
      ...passages("coming", 1, { kind: "law", effective: "2027-01-01", repealed: "2026-01-01" }),
      ...passages("ending", 1, { kind: "law", repealed: "2027-01-01" }),
    ]);
    expect(await searchFormer(search, { text: "旧" }, today)).toEqual([]);
  });

  it("ends after a few searches", async () => {
    const { search, searches } = over(Array.from({ length: 20 }, (_, n) => present(n)).flat());
    expect(await searchFormer(search, { text: "旧" }, today)).toEqual([]);
    expect(searches()).toBe(5);
  });
});
