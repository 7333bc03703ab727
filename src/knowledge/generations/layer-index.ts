import { setImmediate } from "node:timers/promises";
import { hashOf } from "../documents/read-document.ts";
import type { Embedder } from "../embedding/embedder.ts";
import type { KnowledgeStore } from "../knowledge-store.ts";
import { blendNeighbours } from "../retrieval/blend-neighbours.ts";
import { FlatVectorIndex } from "../retrieval/flat-vector-index.ts";
import { LayerPlaces } from "../retrieval/layers/layer-places.ts";
import { LayeredVectorIndex } from "../retrieval/layers/layered-vector-index.ts";
import { LayeredWordIndex } from "../retrieval/layers/layered-word-index.ts";
import type { SharedVectorIndex } from "../retrieval/shared-vector-index.ts";
import type { Tokenizer } from "../retrieval/tokenizer.ts";
import type { VectorIndex } from "../retrieval/vector-index.ts";
import {
  type PackedWordIndex,
  type TermWeights,
  type WordIndex,
  WordIndexBuilder,
} from "../retrieval/word-index.ts";
import type { BaseIndex } from "./base-index.ts";
import { buildFailed } from "./build-failed.ts";
import { type BuildProgress, embedMissing, termsOf } from "./build-index.ts";
import type { IndexedDocument } from "./indexed-document.ts";

/** What a search looks into. */
export interface SearchedIndex {
  readonly words: WordIndex;
  readonly bigrams: WordIndex;
  readonly vectors: VectorIndex | SharedVectorIndex;
}

/** A document outside of the base, cut and embedded; by entry. */
export interface AddedDocument {
  readonly words: readonly TermWeights[];
  readonly bigrams: readonly TermWeights[];
  readonly vectors: readonly Float32Array[];
}

/** Added documents by their key: they need not be cut again while they stay. */
export type AddedDocuments = ReadonlyMap<string, AddedDocument>;

/** What is compared one by one and measured by the base's rarities: beyond this the whole is built anew. */
const mostAdded = 1_000;
/** Share of the base that may be added, and that may be masked. */
const mostShare = 0.1;

/** Where the entries of a generation come from. */
export interface Layout {
  /** By place: the base's entry, or the addition's as its complement. */
  readonly sources: Int32Array;
  readonly added: readonly IndexedDocument[];
  readonly addedEntries: number;
}

/** How these documents stand on the base; undefined where so much is new or gone that the whole is to be built anew. */
export function layOut(base: BaseIndex, documents: readonly IndexedDocument[]): Layout | undefined {
  const sources: number[] = [];
  const added: IndexedDocument[] = [];
  let addedEntries = 0;
  for (const document of documents) {
    const start = base.startOf(document);
    if (start === undefined) added.push(document);
    for (let i = 0; i < document.entries.length; i++) {
      sources.push(start === undefined ? ~addedEntries : start + i);
      if (start === undefined) addedEntries += 1;
    }
  }
  const masked = base.size - (sources.length - addedEntries);
  const most = base.size * mostShare;
  if (addedEntries > Math.min(mostAdded, most) || masked > most) return undefined;
  return { sources: Int32Array.from(sources), added, addedEntries };
}

/** The base's index with the layout's additions; the base itself where nothing was added, masked or moved. */
export function layerIndex(
  base: BaseIndex,
  { sources, added }: Layout,
  additions: AddedDocuments,
): SearchedIndex {
  if (sources.length === base.size && sources.every((source, place) => source === place)) return base.index;
  const parts = added.map(({ key }) => additions.get(key) as AddedDocument);
  const pack = (own: (part: AddedDocument) => readonly TermWeights[], whole: PackedWordIndex) => {
    const builder = new WordIndexBuilder();
    for (const part of parts) for (const terms of own(part)) builder.add(terms);
    return builder.build(whole.averageLength);
  };
  const words = pack((part) => part.words, base.index.words);
  const bigrams = pack((part) => part.bigrams, base.index.bigrams);
  const vectors = FlatVectorIndex.build(parts.flatMap((part) => part.vectors));
  const places = new LayerPlaces(sources, base.size, vectors.size);
  return {
    words: new LayeredWordIndex(base.index.words, words, places),
    bigrams: new LayeredWordIndex(base.index.bigrams, bigrams, places),
    vectors: new LayeredVectorIndex(base.index.vectors, vectors, places),
  };
}

/**
 * Cuts and embeds added documents that `known` does not have; computed vectors are stored. Chat goes on in between.
 * Throws `knowledge.reload_failed`.
 */
export async function prepareAdded(
  added: readonly IndexedDocument[],
  known: AddedDocuments,
  tools: LayerTools,
  onProgress: BuildProgress = () => {},
  signal?: AbortSignal,
): Promise<AddedDocuments> {
  const prepared = new Map<string, AddedDocument>();
  try {
    for (const document of added) {
      const report: typeof onProgress = (stage) => {
        onProgress(stage, prepared.size, added.length);
        signal?.throwIfAborted();
      };
      prepared.set(document.key, known.get(document.key) ?? (await prepare(document, tools, report)));
      await setImmediate();
    }
  } catch (cause) {
    signal?.throwIfAborted();
    throw buildFailed(cause);
  }
  return prepared;
}

interface LayerTools {
  readonly store: KnowledgeStore;
  readonly tokenizer: Tokenizer;
  readonly embedder: Embedder;
}

async function prepare(
  { texts = [] }: IndexedDocument,
  { store, tokenizer, embedder }: LayerTools,
  onProgress: BuildProgress,
): Promise<AddedDocument> {
  onProgress("words", 0, texts.length);
  const terms = texts.map((entry) => termsOf(entry, tokenizer));
  onProgress("embedding", 0, texts.length);
  const hashes = texts.map(({ embedded }) => hashOf(embedded));
  const stored = await store.loadVectors(embedder.version, [...new Set(hashes)]);
  const found = new Map(
    hashes.flatMap((hash, i) => {
      const vector = stored.get(hash);
      return vector === undefined ? [] : [[i, vector] as const];
    }),
  );
  const embedded = await embedMissing(texts, embedder, found);
  onProgress("vectors", 0, texts.length);
  await store.saveVectors(
    embedder.version,
    new Map([...embedded].map(([i, vector]) => [hashes[i] as string, vector])),
  );
  const vectors = texts.map((_, i) => (found.get(i) ?? embedded.get(i)) as Float32Array);
  return {
    words: terms.map((own) => own.words),
    bigrams: terms.map((own) => own.bigrams),
    vectors: blendNeighbours(vectors, (place) => texts[place]?.series),
  };
}
