import { beforeAll, describe, expect, it } from "vitest";
import { selectSupport, withScores } from "../../../src/answering/select-passages.ts";
import type { IndexedChunk } from "../../../src/knowledge/retrieval/index-entries.ts";
import { doubleWageGuide, passagesFrom } from "../../support/passages.ts";
import { lawText, scored } from "../../support/scored-passages.ts";

let guide: IndexedChunk[];
let law: IndexedChunk[];

beforeAll(async () => {
  guide = await passagesFrom("guide.md", doubleWageGuide);
  law = await passagesFrom("中华人民共和国测试劳动法.txt", lawText);
});

describe("selectSupport", () => {
  it("groups hits by document, the best document first, each with its hits in order", () => {
    const hits = scored([guide[1], law[0], guide[0]] as IndexedChunk[], [1.5, 1.4, 1.2]);
    const support = selectSupport(hits);
    expect(support.map(({ document }) => document.title)).toEqual([
      guide[0]?.document.title,
      law[0]?.document.title,
    ]);
    expect(support[0]?.hits.map(({ chunk }) => chunk.id)).toEqual([guide[1]?.chunk.id, guide[0]?.chunk.id]);
  });

  it("prefers a guide to another document that fits as well", () => {
    const [first] = selectSupport(scored([law[0], guide[0]] as IndexedChunk[], [1, 1]));
    expect(first?.document.kind).toBe("guide");
  });

  it("supports no answer where what was found hardly shares a word with the question and does not sound like it", () => {
    const hits = scored(guide.slice(0, 1)).map((hit) => ({ ...hit, coverage: 0.02, similarity: 0.02 }));
    expect(selectSupport(hits, 0.4)).toEqual([]);
    expect(selectSupport([], 0.9)).toEqual([]);
  });

  it("asks more of a question that is hardly likely to be about work or the union", () => {
    const hits = scored(guide.slice(0, 1)).map((hit) => ({ ...hit, coverage: 0.3, similarity: 0.4 }));
    expect(selectSupport(hits, 0.9)).toHaveLength(1);
    expect(selectSupport(hits, 0.01)).toEqual([]);
  });

  it("leaves out documents that fit far worse than the best one", () => {
    const [near, far] = scored([guide[0], law[0]] as IndexedChunk[], [2, 1]).map((hit, index) => ({
      ...hit,
      coverage: index === 0 ? 0.8 : 0.1,
      similarity: index === 0 ? 0.8 : 0.1,
    }));
    const support = selectSupport([near, far] as NonNullable<typeof near>[]);
    expect(support.map(({ document }) => document.kind)).toEqual(["guide"]);
  });

  it("remembers the best fit that any of a document's passages has", () => {
    const [first, second] = scored(guide.slice(0, 2));
    const support = selectSupport([
      { ...(first as NonNullable<typeof first>), coverage: 0.5, similarity: 0.9 },
      { ...(second as NonNullable<typeof second>), coverage: 0.7, similarity: 0.2 },
    ]);
    expect(support[0]).toMatchObject({ coverage: 0.7, similarity: 0.9 });
  });
});

describe("withScores", () => {
  it("gives every passage of a document its score, and 0 where it was not found", () => {
    const found = withScores(guide, scored(guide.slice(1, 2), [1.7]));
    expect(found.map(({ passage }) => passage.chunk.id)).toEqual(guide.map(({ chunk }) => chunk.id));
    expect(found.map(({ score }) => score)).toEqual(guide.map((_, index) => (index === 1 ? 1.7 : 0)));
  });
});
