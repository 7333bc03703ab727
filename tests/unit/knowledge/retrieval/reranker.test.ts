import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createReranker } from "../../../../src/knowledge/retrieval/reranker.ts";
import { type RerankBehaviour, RerankServer } from "../../../support/rerank-server.ts";

const server = new RerankServer();
let baseUrl = "";
beforeAll(async () => {
  baseUrl = await server.start();
});
afterAll(() => server.stop());
beforeEach(() => {
  server.behaviour = "ok";
  server.requests.length = 0;
});

const texts = ["年休假", "没签劳动合同要赔二倍工资", "二倍"];
const reranker = (settings: Partial<Parameters<typeof createReranker>[0]> = {}) =>
  createReranker({ model: "bge-reranker", baseUrl, ...settings });

describe("the reranker", () => {
  it("gives each text its score, in the order of the texts, whatever order the endpoint answers in", async () => {
    const scores = await reranker({ apiKey: "secret" }).rerank("二倍工资", texts);
    expect(scores).toEqual([0, 1, 0.5]);
    expect(server.requests).toEqual([
      {
        body: { model: "bge-reranker", query: "二倍工资", documents: texts, top_n: 3 },
        authorization: "Bearer secret",
      },
    ]);
  });

  it("asks nobody about no texts, and sends no key where there is none", async () => {
    expect(await reranker().rerank("二倍工资", [])).toEqual([]);
    await reranker({ baseUrl: `${baseUrl}/` }).rerank("二倍工资", ["a"]);
    expect(server.requests.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it.each<RerankBehaviour>(["500", "hang", "too_few", "nonsense", "not_json"])(
    "is unavailable where the endpoint answers %s",
    async (behaviour) => {
      server.behaviour = behaviour;
      const asked = reranker({ timeoutMs: 200 }).rerank("二倍工资", texts);
      await expect(asked).rejects.toMatchObject({ code: "model.unavailable" });
    },
  );

  it("is unavailable where nobody listens", async () => {
    const asked = reranker({ baseUrl: "http://127.0.0.1:9/v1" }).rerank("二倍工资", texts);
    await expect(asked).rejects.toMatchObject({ code: "model.unavailable" });
  });

  it("is left alone after failures in a row, then tried again", async () => {
    server.behaviour = "500";
    const own = reranker({ failuresToOpen: 2, openMs: 300 });
    for (let i = 0; i < 4; i++)
      await expect(own.rerank("二倍工资", texts)).rejects.toMatchObject({ code: "model.unavailable" });
    expect(server.requests).toHaveLength(2);
    expect(own.isAway).toBe(true);
    server.behaviour = "ok";
    await setTimeout(350);
    expect(await own.rerank("二倍工资", texts)).toEqual([0, 1, 0.5]);
    expect(own.isAway).toBe(false);
  });

  it("rejects with the caller's reason where it is aborted, and does not take it for a failure", async () => {
    server.behaviour = "hang";
    const own = reranker({ failuresToOpen: 1, timeoutMs: 5_000 });
    const stop = new AbortController();
    const asked = own.rerank("二倍工资", texts, stop.signal);
    stop.abort(new Error("the turn was cancelled"));
    await expect(asked).rejects.toThrow("the turn was cancelled");
    await expect(own.rerank("二倍工资", texts, stop.signal)).rejects.toThrow("the turn was cancelled");
    expect(own.isAway).toBe(false);
  });
});
