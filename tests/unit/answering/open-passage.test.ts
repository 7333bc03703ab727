import { beforeAll, describe, expect, it } from "vitest";
import { openPassage } from "../../../src/answering/open-passage.ts";
import type { IndexedChunk } from "../../../src/knowledge/retrieval/index-entries.ts";
import { doubleWageGuide, passagesFrom } from "../../support/passages.ts";

let guide: IndexedChunk[];
let law: IndexedChunk[];

beforeAll(async () => {
  guide = await passagesFrom("guide.md", doubleWageGuide);
  const [pattern] = guide as [IndexedChunk];
  law = Array.from({ length: 9 }, (_, index) => ({
    chunk: { ...pattern.chunk, id: `article-${index}`, label: `第${index}条`, text: `第${index}条 内容` },
    document: { ...pattern.document, kind: "law" as const, effective: "2008-01-01" },
  }));
});

const open = (passages: readonly IndexedChunk[], at: number) => {
  const { chunk, document } = passages[at] as IndexedChunk;
  return openPassage(chunk, document, passages);
};

describe("openPassage", () => {
  it("shows a guide whole, with the passage marked once", () => {
    const { context, text } = open(guide, 1);
    expect(context.map(({ id }) => id)).toEqual(guide.map(({ chunk }) => chunk.id));
    expect(context.filter(({ current }) => current).map((section) => section.text)).toEqual([text]);
  });

  it("shows an article among its neighbours, also at both ends of the law", () => {
    const shown = (at: number) => open(law, at).context.map(({ section }) => section);
    expect(shown(4)).toEqual(["第2条", "第3条", "第4条", "第5条", "第6条"]);
    expect(shown(0)).toEqual(["第0条", "第1条", "第2条"]);
    expect(shown(8)).toEqual(["第6条", "第7条", "第8条"]);
  });

  it("tells from when to when it holds, and leaves out what is not known", () => {
    expect(open(law, 0)).toMatchObject({ effective: "2008-01-01", section: "第0条" });
    expect(open(law, 0)).not.toHaveProperty("repealed");
    const [first] = law as [IndexedChunk];
    const repealed = { ...first.document, repealed: "2025-01-01" };
    expect(openPassage(first.chunk, repealed, law)).toMatchObject({ repealed: "2025-01-01" });
  });

  it("shows a passage alone where its neighbours are gone", () => {
    const [passage] = guide as [IndexedChunk];
    const { context } = openPassage(passage.chunk, passage.document, []);
    expect(context).toMatchObject([{ id: passage.chunk.id, current: true }]);
  });
});
