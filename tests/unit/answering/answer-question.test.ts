import { beforeAll, describe, expect, it } from "vitest";
import { Answerer, type ModelComposer } from "../../../src/answering/answer-question.ts";
import { AppError } from "../../../src/errors.ts";
import type { IndexedChunk } from "../../../src/knowledge/retrieval/index-entries.ts";
import type { SearchQuery } from "../../../src/knowledge/retrieval/search-index.ts";
import { doubleWageGuide, passagesFrom } from "../../support/passages.ts";
import { scored, searchOf } from "../../support/scored-passages.ts";

let guide: IndexedChunk[];

beforeAll(async () => {
  guide = await passagesFrom("guide.md", doubleWageGuide);
});

const heard: unknown[] = [];
const base = {
  region: "重庆",
  today: () => "2026-11-21",
  onUnavailable: (error: unknown) => void heard.push(error),
};
const request = (signal = new AbortController().signal) => ({
  question: "没签合同怎么办",
  chanceOfOurs: 0.9,
  earlier: [],
  onPreview: () => {},
  signal,
});
const finding = () => ({ pin: () => searchOf(guide, scored(guide)) });

describe("Answerer", () => {
  it("is grounded in the passages where no model is configured", async () => {
    const answered = await new Answerer({ ...base, library: finding() }).answer(request());
    expect(answered).toMatchObject({ state: "grounded", by: "passages" });
  });

  it("gives the model's draft where it composed one, and the passages' own words where it did not", async () => {
    const draft = { text: "模型说[1]。", citations: [], passages: [] };
    const composing: ModelComposer = async () => draft;
    const silent: ModelComposer = async () => undefined;
    const library = finding();
    expect(await new Answerer({ ...base, library, composeWithModel: composing }).answer(request())).toEqual({
      state: "grounded",
      by: "model",
      draft,
    });
    expect(
      await new Answerer({ ...base, library, composeWithModel: silent }).answer(request()),
    ).toMatchObject({ state: "grounded", by: "passages" });
  });

  it("asks only for what is in force today in the federation's place", async () => {
    const asked: SearchQuery[] = [];
    const library = {
      pin: () => ({
        ...searchOf(guide, []),
        search: async (query: SearchQuery) => {
          asked.push(query);
          return [];
        },
      }),
    };
    expect(await new Answerer({ ...base, library }).answer(request())).toEqual({ state: "nothing_found" });
    expect(asked).toMatchObject([{ asOf: "2026-11-21", region: "重庆" }]);
  });

  it.each([
    [
      "no generation serves",
      () => {
        throw new AppError("knowledge.library_unavailable", "none");
      },
    ],
    [
      "the search fails",
      () => ({
        ...searchOf([], []),
        search: async () => {
          throw new AppError("knowledge.library_unavailable", "broken");
        },
      }),
    ],
  ])("says that the library is unavailable where %s", async (_, pin) => {
    expect(await new Answerer({ ...base, library: { pin } }).answer(request())).toEqual({
      state: "library_unavailable",
    });
  });

  it("tells the operator why, whatever went wrong, and leaves the worker no silence", async () => {
    heard.length = 0;
    const pin = () => {
      throw new TypeError("a fault");
    };
    expect(await new Answerer({ ...base, library: { pin } }).answer(request())).toEqual({
      state: "library_unavailable",
    });
    expect(heard).toEqual([new TypeError("a fault")]);
  });

  it("ranks all that the chosen guide says by the same question", async () => {
    const asked: SearchQuery[] = [];
    const library = {
      pin: () => ({
        ...searchOf(guide, []),
        search: async (query: SearchQuery) => {
          asked.push(query);
          return query.documentId === undefined ? scored(guide.slice(0, 1)) : scored(guide);
        },
      }),
    };
    await new Answerer({ ...base, library }).answer(request());
    expect(asked.map(({ documentId }) => documentId)).toEqual([undefined, guide[0]?.document.id]);
    expect(asked[0]?.text).toBe(asked[1]?.text);
  });

  it("ends with the reason of a cancelled turn, not with a state", async () => {
    const cancelled = AbortSignal.abort(new Error("handed over"));
    const library = {
      pin: () => {
        throw new AppError("knowledge.library_unavailable", "none");
      },
    };
    await expect(new Answerer({ ...base, library }).answer(request(cancelled))).rejects.toThrow(
      "handed over",
    );
  });
});
