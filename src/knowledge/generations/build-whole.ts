import { hashOf } from "../documents/read-document.ts";
import type { EmbedderSettings } from "../embedding/create-embedder.ts";
import type { Embedder } from "../embedding/embedder.ts";
import type { KnowledgeStore } from "../knowledge-store.ts";
import type { IndexEntry } from "../retrieval/index-entries.ts";
import type { StoredDocument } from "./base-index.ts";
import { buildInWorker } from "./build-in-worker.ts";
import type { BuildProgress } from "./build-index.ts";
import type { IndexIdentity } from "./generation-files.ts";
import { hashOfEntries, type IndexedDocument } from "./indexed-document.ts";

export interface BuildTools {
  readonly store: KnowledgeStore;
  /** Folder of the generations' files, for the worker thread. */
  readonly root: string;
  readonly embedder: Embedder;
  readonly embedderSettings: EmbedderSettings;
}

/** What was indexed, each entry with the vector of its own text. */
export interface EmbeddedEntries {
  readonly entries: readonly IndexEntry[];
  readonly vectors: readonly Float32Array[];
}

/**
 * Builds and writes a generation's index as a whole, in a worker thread, with every vector that is known already; those
 * that were computed are stored. Throws `knowledge.reload_failed`.
 */
export async function buildWhole(
  generation: number,
  documents: readonly IndexedDocument[],
  identity: IndexIdentity,
  { store, root, embedder, embedderSettings }: BuildTools,
  onProgress: BuildProgress,
  signal?: AbortSignal,
): Promise<EmbeddedEntries> {
  const entries = documents.flatMap(({ texts = [] }) => texts);
  const hashes = entries.map(({ embedded }) => hashOf(embedded));
  const vectors = await store.loadVectors(embedder.version, [...new Set(hashes)]);
  const known = new Map(
    hashes.flatMap((hash, i) => (vectors.has(hash) ? [[i, vectors.get(hash) as Float32Array] as const] : [])),
  );
  const stored = documents.map(storedDocument);
  const embedded = await buildInWorker(
    { root, generation, identity, documents: stored, entries, known, embedder: embedderSettings },
    onProgress,
    signal,
  );
  await store.saveVectors(
    embedder.version,
    new Map([...embedded].map(([i, vector]) => [hashes[i] as string, vector])),
  );
  return { entries, vectors: entries.map((_, i) => (known.get(i) ?? embedded.get(i)) as Float32Array) };
}

/** What is noted of a document that was read, beside the index. */
export const storedDocument = ({ key, texts = [] }: IndexedDocument): StoredDocument => ({
  key,
  entries: texts.length,
  hash: hashOfEntries(texts),
});
