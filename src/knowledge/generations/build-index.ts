import type { Embedder } from "../embedding/embedder.ts";
import { blendNeighbours } from "../retrieval/blend-neighbours.ts";
import type { IndexEntry } from "../retrieval/index-entries.ts";
import type { VectorEngine } from "../retrieval/open-vector-index.ts";
import type { Tokenizer } from "../retrieval/tokenizer.ts";
import type { StorableVectorIndex } from "../retrieval/vector-index.ts";
import { type PackedWordIndex, type TermWeights, WordIndexBuilder } from "../retrieval/word-index.ts";

export interface BuiltIndex {
  readonly words: PackedWordIndex;
  readonly bigrams: PackedWordIndex;
  readonly vectors: StorableVectorIndex;
}

/** Called with the number of entries done so far. */
export type BuildProgress = (stage: "words" | "embedding" | "vectors", done: number, total: number) => void;

/**
 * Builds the three indexes over the same entries. `known` has vectors, by entry, that need not be computed again;
 * `embedded` returns those that were.
 */
export async function buildIndex(
  entries: readonly IndexEntry[],
  tools: { tokenizer: Tokenizer; embedder: Embedder; engine: VectorEngine },
  onProgress: BuildProgress = () => {},
  known: ReadonlyMap<number, Float32Array> = new Map(),
): Promise<{ index: BuiltIndex; embedded: Map<number, Float32Array> }> {
  const { words, bigrams } = buildWordIndexes(entries, tools.tokenizer, onProgress);
  const embedded = await embedMissing(entries, tools.embedder, known, onProgress);
  const own = entries.map((_, i) => (known.get(i) ?? embedded.get(i)) as Float32Array);
  const vectors = blendNeighbours(own, (place) => entries[place]?.series);
  onProgress("vectors", 0, entries.length);
  const built = tools.engine.build(vectors, (done) => onProgress("vectors", done, entries.length));
  return { index: { words, bigrams, vectors: built }, embedded };
}

function buildWordIndexes(entries: readonly IndexEntry[], tokenizer: Tokenizer, onProgress: BuildProgress) {
  const words = new WordIndexBuilder();
  const bigrams = new WordIndexBuilder();
  for (const [i, entry] of entries.entries()) {
    const terms = termsOf(entry, tokenizer);
    words.add(terms.words);
    bigrams.add(terms.bigrams);
    if (i % 1_000 === 0) onProgress("words", i, entries.length);
  }
  return { words: words.build(), bigrams: bigrams.build() };
}

/** Terms of an entry, each with the weights of the fields where it stands. */
export function termsOf(
  { fields }: Pick<IndexEntry, "fields">,
  tokenizer: Tokenizer,
): { words: TermWeights; bigrams: TermWeights } {
  const words = new Map<string, number>();
  const bigrams = new Map<string, number>();
  for (const { text, weight } of fields) {
    const tokens = tokenizer.tokenize(text);
    for (const term of tokens.words) words.set(term, (words.get(term) ?? 0) + weight);
    for (const term of tokens.bigrams) bigrams.set(term, (bigrams.get(term) ?? 0) + weight);
  }
  return { words, bigrams };
}

const embeddingBatch = 256;

/** Vectors of the entries that `known` has none for, by entry. */
export async function embedMissing(
  entries: readonly Pick<IndexEntry, "embedded">[],
  embedder: Embedder,
  known: ReadonlyMap<number, Float32Array>,
  onProgress: BuildProgress = () => {},
) {
  const missing = entries.flatMap((entry, i) => (known.has(i) ? [] : [{ i, text: entry.embedded }]));
  const embedded = new Map<number, Float32Array>();
  for (let start = 0; start < missing.length; start += embeddingBatch) {
    const batch = missing.slice(start, start + embeddingBatch);
    const vectors = await embedder.embedDocuments(batch.map(({ text }) => text));
    for (const [n, { i }] of batch.entries()) embedded.set(i, vectors[n] as Float32Array);
    onProgress("embedding", embedded.size, missing.length);
  }
  return embedded;
}
