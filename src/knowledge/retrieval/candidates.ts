import type { MatchedEntry, RankedEntry } from "./word-index.ts";

/** What one ranking says of a chunk, by its best key. */
export interface Found {
  /** Place of the chunk in the ranking, from 0. */
  readonly rank: number;
  readonly score: number;
  /** Key by which it was found. */
  readonly entry: number;
  /** How many of its keys were found. */
  readonly keys: number;
}

/** A chunk that at least one ranking found. */
export interface Candidate {
  /** Position of the chunk in the index. */
  readonly position: number;
  words: (Found & { readonly coverage: number }) | undefined;
  bigrams: (Found & { readonly coverage: number }) | undefined;
  vectors: Found | undefined;
  /** Cosine of the question and the chunk's nearest key. */
  cosine: number;
}

export interface Rankings {
  readonly words: readonly MatchedEntry[];
  readonly bigrams: readonly MatchedEntry[];
  readonly vectors: readonly RankedEntry[];
}

/** Brings rankings of keys together to one candidate a chunk; `chunkOf` says to which chunk a key leads. */
export function gatherCandidates(rankings: Rankings, chunkOf: (entry: number) => number): Candidate[] {
  const candidates = new Map<number, Candidate>();
  const at = (position: number): Candidate => {
    let known = candidates.get(position);
    if (known === undefined) {
      known = candidateAt(position);
      candidates.set(position, known);
    }
    return known;
  };
  for (const [position, found] of byChunk(rankings.words, chunkOf)) at(position).words = found;
  for (const [position, found] of byChunk(rankings.bigrams, chunkOf)) at(position).bigrams = found;
  for (const [position, found] of byChunk(rankings.vectors, chunkOf)) at(position).vectors = found;
  return [...candidates.values()];
}

/** A chunk that no ranking found itself. */
export const candidateAt = (position: number): Candidate => ({
  position,
  words: undefined,
  bigrams: undefined,
  vectors: undefined,
  cosine: 0,
});

function byChunk<Ranked extends RankedEntry>(
  ranking: readonly Ranked[],
  chunkOf: (entry: number) => number,
): Map<number, Ranked & Found> {
  const chunks = new Map<number, Ranked & { rank: number; keys: number }>();
  for (const ranked of ranking) {
    const position = chunkOf(ranked.entry);
    const known = chunks.get(position);
    if (known === undefined) chunks.set(position, { ...ranked, rank: chunks.size, keys: 1 });
    else known.keys += 1;
  }
  return chunks;
}
