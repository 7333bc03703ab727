import type { PassageSearch } from "../../src/answering/passage-search.ts";
import type { IndexedChunk } from "../../src/knowledge/retrieval/index-entries.ts";
import type { ScoredChunk } from "../../src/knowledge/retrieval/search-index.ts";

/** Passages as search returns them: with falling scores unless some are given, and a fit that carries an answer. */
export function scored(passages: readonly IndexedChunk[], scores: readonly number[] = []): ScoredChunk[] {
  return passages.map((passage, index) => ({
    ...passage,
    score: scores[index] ?? 2 - index / 10,
    coverage: 0.8,
    similarity: 0.8,
  }));
}

/** One generation that always finds these. */
export function searchOf(passages: readonly IndexedChunk[], hits: readonly ScoredChunk[]): PassageSearch {
  return {
    search: async () => [...hits],
    passagesOf: (documentId) => passages.filter(({ document }) => document.id === documentId),
  };
}

/** A law of the tests' own. */
export const lawText = `中华人民共和国测试劳动法
（2020年1月1日起施行）

第一章 总则

第一条 为了测试，制定本法。

第二条 用人单位应当每月向劳动者支付工资。

第三条 本法自公布之日起施行。
`;
