import { nationwide } from "../knowledge/documents/regions.ts";
import type { DocumentInfo, IndexedChunk } from "../knowledge/retrieval/index-entries.ts";
import type { ScoredChunk } from "../knowledge/retrieval/search-index.ts";
import { abstentionModel } from "./abstention/abstention-model.ts";
import { likeness } from "./shared-pairs.ts";

/** The documents that may carry an answer, the best first, each with its best chunks in order. */
export interface Support {
  readonly document: DocumentInfo;
  readonly score: number;
  /** Share of the question's words that the document's best key contains: 0 to 1. */
  readonly coverage: number;
  readonly similarity: number;
  readonly hits: readonly ScoredChunk[];
}

/** Beside the best document only those are looked at that fit at least so well by its measure. */
const leastFit = 0.6;
const coverageShare = 0.3;
/** How much a second matching chunk of the same document adds. */
const secondChunkShare = 0.25;
/** Another document is shown beside the best one when its score reaches this share of the best one's. */
const closeScore = 0.85;
/** Titles that share so much are about the same matter. */
const sameMatter = 0.6;
/** Guides are written for workers and checked by the union; a law's own words come second. */
const guideBonus = 0.25;

/**
 * The documents that support an answer, the best first. Empty where the knowledge does not have it: what was found is
 * judged with the chance that the message is a matter of work or the union. Without a chance nothing is judged.
 */
export function selectSupport(hits: readonly ScoredChunk[], chanceOfOurs?: number): Support[] {
  const found = groupByDocument(hits);
  if (chanceOfOurs !== undefined && !abstentionModel().isKnown(found, chanceOfOurs)) return [];
  const least = leastFit * Math.max(0, ...found.map(fitOf));
  return localFirst(found.filter((support) => fitOf(support) >= least));
}

/** All documents that were found, the best first. */
export function groupByDocument(hits: readonly ScoredChunk[]): Support[] {
  const byDocument = new Map<string, ScoredChunk[]>();
  for (const hit of hits) {
    const own = byDocument.get(hit.document.id);
    if (own === undefined) byDocument.set(hit.document.id, [hit]);
    else own.push(hit);
  }
  return [...byDocument.values()].map(supportOf).sort((left, right) => right.score - left.score);
}

const fitOf = ({ similarity, coverage }: Support) => similarity + coverageShare * coverage;

/** Whether a score comes near the best one. */
export function isClose(score: number, best: number): boolean {
  return score >= best - (1 - closeScore) * Math.abs(best);
}

export const isLocal = ({ document }: Pick<Support, "document">) => document.region !== nationwide;

/** Of two close guides to one matter, that of the worker's place stands before that of the whole country. */
function localFirst(support: readonly Support[]): Support[] {
  const [main, ...others] = support;
  if (main === undefined || main.document.kind !== "guide" || isLocal(main)) return [...support];
  const local = others.find(
    (other) =>
      isLocal(other) &&
      other.document.kind === "guide" &&
      isClose(other.score, main.score) &&
      isSameMatter(other, main),
  );
  return local === undefined ? [...support] : [local, ...support.filter((one) => one !== local)];
}

/** Whether the titles of two guides name the same matter. */
export function isSameMatter(one: Support, other: Support): boolean {
  return likeness(one.document.title, other.document.title) >= sameMatter;
}

function supportOf(hits: readonly ScoredChunk[]): Support {
  const [first, second] = hits as [ScoredChunk, ScoredChunk | undefined];
  const bonus = first.document.kind === "guide" ? guideBonus : 0;
  return {
    document: first.document,
    score: first.score + secondChunkShare * (second?.score ?? 0) + bonus,
    coverage: Math.max(...hits.map(({ coverage }) => coverage)),
    similarity: Math.max(...hits.map(({ similarity }) => similarity)),
    hits,
  };
}

/** Chunks of one document in reading order with the score of those that were found. */
export function withScores(
  chunks: readonly IndexedChunk[],
  hits: readonly ScoredChunk[],
): { passage: IndexedChunk; score: number }[] {
  const scores = new Map(hits.map(({ chunk, score }) => [chunk.id, score]));
  return chunks.map((passage) => ({ passage, score: scores.get(passage.chunk.id) ?? 0 }));
}
