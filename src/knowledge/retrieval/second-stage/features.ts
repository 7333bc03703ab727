import type { DocumentRank } from "../../documents/document-rank.ts";
import type { Candidate } from "../candidates.ts";
import { fuseRankings, reciprocalRank } from "../fuse-rankings.ts";

/** What the second stage knows of a candidate's chunk. */
export interface ChunkSigns {
  readonly documentId: string;
  readonly rank: DocumentRank | "guide" | "local";
  /** Pairs of neighbouring characters of the title. */
  readonly titleBigrams: readonly string[];
  /** Characters of the chunk. */
  readonly length: number;
  /** Whether the nearest key is one of the questions that workers ask. */
  readonly byQuestion: boolean;
}

const ranks = [
  "guide",
  "local",
  "law",
  "administrative_regulation",
  "judicial_interpretation",
  "departmental_rule",
  "local_rule",
] as const;

/** Names of the numbers that `featuresOf` gives, in their order. */
export const featureNames = [
  "words: reciprocal rank",
  "bigrams: reciprocal rank",
  "vectors: reciprocal rank",
  "words: share of the best score",
  "bigrams: share of the best score",
  "cosine",
  "cosine below the best",
  "words: coverage",
  "bigrams: coverage",
  "found by all",
  "other chunks of the document",
  "neighbours",
  "second neighbours",
  "length",
  "title in the question",
  "found by a question",
  "keys found",
  ...ranks,
] as const;

/** Chunks beside one another are told apart from the document's others up to this distance. */
export const neighbourhood = 2;

/**
 * One row of numbers of about 0 to 1 for every candidate of one question, in one array. `question`: its pairs of
 * neighbouring characters.
 */
export function featuresOf(
  candidates: readonly Candidate[],
  chunkOf: (candidate: Candidate) => ChunkSigns,
  question: ReadonlyMap<string, number>,
): Float32Array {
  const rows = new Float32Array(candidates.length * featureNames.length);
  const best = bestOf(candidates);
  const chunks = candidates.map(chunkOf);
  const places = new Map<number, { readonly documentId: string; readonly strength: number }>();
  const documents = new Map<string, number>();
  for (const [i, candidate] of candidates.entries()) {
    const { documentId } = chunks[i] as ChunkSigns;
    const strength = fuseRankings(candidate);
    places.set(candidate.position, { documentId, strength });
    documents.set(documentId, (documents.get(documentId) ?? 0) + strength);
  }
  const strengthAt = (position: number, documentId: string) => {
    const place = places.get(position);
    return place?.documentId === documentId ? place.strength : 0;
  };
  const titles = new Map<readonly string[], number>();
  const shareOf = (title: readonly string[]) => {
    const share = titles.get(title) ?? shareIn(title, question);
    titles.set(title, share);
    return share;
  };
  for (const [i, candidate] of candidates.entries()) {
    const { position, words, bigrams, vectors, cosine } = candidate;
    const chunk = chunks[i] as ChunkSigns;
    const { documentId } = chunk;
    const own = strengthAt(position, documentId);
    const beside = (distance: number) =>
      (strengthAt(position - distance, documentId) + strengthAt(position + distance, documentId)) / 2;
    const row = [
      reciprocalRank(words),
      reciprocalRank(bigrams),
      reciprocalRank(vectors),
      (words?.score ?? 0) / best.words,
      (bigrams?.score ?? 0) / best.bigrams,
      cosine,
      cosine - best.cosine,
      words?.coverage ?? 0,
      bigrams?.coverage ?? 0,
      words !== undefined && bigrams !== undefined && vectors !== undefined ? 1 : 0,
      Math.log1p((documents.get(documentId) ?? own) - own) / 2,
      beside(1),
      beside(2),
      Math.log1p(chunk.length) / 8,
      shareOf(chunk.titleBigrams),
      chunk.byQuestion ? 1 : 0,
      Math.log1p((words?.keys ?? 0) + (bigrams?.keys ?? 0) + (vectors?.keys ?? 0)) / 4,
      ...ranks.map((rank) => (rank === chunk.rank ? 1 : 0)),
    ];
    rows.set(row, i * featureNames.length);
  }
  return rows;
}

function bestOf(candidates: readonly Candidate[]) {
  const best = { words: Number.MIN_VALUE, bigrams: Number.MIN_VALUE, cosine: -1 };
  for (const { words, bigrams, cosine } of candidates) {
    best.words = Math.max(best.words, words?.score ?? 0);
    best.bigrams = Math.max(best.bigrams, bigrams?.score ?? 0);
    best.cosine = Math.max(best.cosine, cosine);
  }
  return best;
}

function shareIn(parts: readonly string[], whole: ReadonlyMap<string, number>): number {
  if (parts.length === 0) return 0;
  return parts.reduce((found, part) => found + (whole.has(part) ? 1 : 0), 0) / parts.length;
}
