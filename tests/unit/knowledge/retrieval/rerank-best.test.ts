import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildIndex } from "../../../../src/knowledge/generations/build-index.ts";
import { entriesOf, withoutTexts } from "../../../../src/knowledge/retrieval/index-entries.ts";
import { createReranker } from "../../../../src/knowledge/retrieval/reranker.ts";
import { SearchIndex } from "../../../../src/knowledge/retrieval/search-index.ts";
import { documentOf, tools } from "../../../support/knowledge-tools.ts";
import { type RerankBehaviour, RerankServer } from "../../../support/rerank-server.ts";

const guide = documentOf("高温津贴指南", [
  "高温津贴按月发放，每月三百元。",
  "室外作业的职工都有高温津贴。",
  ...Array.from({ length: 70 }, (_, i) => `高温津贴的第${i + 1}个例子：某厂车间按月发放高温津贴。`),
]);
const { chunks, entries } = entriesOf([guide]);
const { index: built } = await buildIndex(entries, tools);
const parts = { chunks, entries: withoutTexts(entries), ...built };
const query = { text: "高温津贴的第9个例子", limit: 200 };

describe("search with a reranker", () => {
  const server = new RerankServer();
  let index: SearchIndex;
  let plain: SearchIndex;
  beforeAll(async () => {
    const reranker = createReranker({ model: "m", baseUrl: await server.start(), timeoutMs: 300 });
    index = new SearchIndex(parts, tools.tokenizer, tools.embedder, [], reranker);
    plain = new SearchIndex(parts, tools.tokenizer, tools.embedder);
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    server.behaviour = "ok";
    server.requests.length = 0;
  });

  it("puts the 50 best in its order, and leaves scores and places behind them as they were", async () => {
    const before = await plain.search(query);
    const after = await index.search(query);
    const ids = (found: typeof before) => found.map(({ chunk }) => chunk.id);
    const [request] = server.requests;
    expect(server.requests).toHaveLength(1);
    expect(request?.body.query).toBe(query.text);
    expect(request?.body.documents).toEqual(
      before.slice(0, 50).map(({ document, chunk }) => `${document.title}\n${chunk.text}`),
    );
    const share = (text: string) => [...query.text].filter((sign) => text.includes(sign)).length;
    const shares = after.slice(0, 50).map(({ document, chunk }) => share(`${document.title}\n${chunk.text}`));
    expect(shares).toEqual(shares.toSorted((a, b) => b - a));
    expect(ids(after)).not.toEqual(ids(before));
    expect(ids(after).toSorted()).toEqual(ids(before).toSorted());
    expect(after.map(({ score }) => score)).toEqual(before.map(({ score }) => score));
    expect(after.slice(50)).toEqual(before.slice(50));
  });

  it("brings up what stands behind the wanted ones", async () => {
    const [best] = await index.search(query);
    expect(await index.search({ ...query, limit: 1 })).toEqual([best]);
    expect(server.requests[1]?.body.documents).toHaveLength(50);
  });

  it("asks nothing where there is nothing to put in order", async () => {
    expect(await index.search({ ...query, text: "" })).toEqual([]);
    expect(server.requests).toEqual([]);
  });

  it("passes an abort on", async () => {
    const signal = AbortSignal.abort(new Error("stopped"));
    await expect(index.search(query, signal)).rejects.toThrow("stopped");
  });

  it.each<RerankBehaviour>(["500", "hang", "too_few", "nonsense", "not_json"])(
    "keeps its own order where the answer is %s, also while the reranker is left alone",
    async (behaviour) => {
      server.behaviour = behaviour;
      expect(await index.search(query)).toEqual(await plain.search(query));
    },
  );
});
