import { hashOf } from "../documents/read-document.ts";
import type { EmbedderSettings } from "../embedding/create-embedder.ts";
import type { Embedder } from "../embedding/embedder.ts";
import type { KnowledgeStore, StoredVersion } from "../knowledge-store.ts";
import { entriesOf, type IndexEntry } from "../retrieval/index-entries.ts";
import type { VectorEngine } from "../retrieval/open-vector-index.ts";
import { SearchIndex } from "../retrieval/search-index.ts";
import type { Tokenizer } from "../retrieval/tokenizer.ts";
import { buildInWorker } from "./build-in-worker.ts";
import type { BuildProgress } from "./build-index.ts";
import type { GenerationFiles, IndexIdentity } from "./generation-files.ts";

export interface GenerationTools {
  readonly store: KnowledgeStore;
  readonly files: GenerationFiles;
  /** Folder of the generations' files, for the worker thread. */
  readonly root: string;
  readonly tokenizer: Tokenizer;
  readonly embedder: Embedder;
  readonly embedderSettings: EmbedderSettings;
  readonly engine: VectorEngine;
}

/**
 * Opens a generation's index: from its files where they are whole, else built again from the database in a worker
 * thread, with every vector that is known already.
 */
export async function openGeneration(
  generation: number,
  tools: GenerationTools,
  onProgress: BuildProgress = () => {},
  signal?: AbortSignal,
): Promise<SearchIndex> {
  const versions = (await tools.store.loadGeneration(generation)).map(withoutText);
  const { chunks, entries } = entriesOf(versions);
  const identity = identityOf(entries, tools);
  const stored = tools.files.load(generation, identity, tools.engine);
  if (stored !== undefined)
    return new SearchIndex({ chunks, entries: slim(entries), ...stored }, tools.tokenizer, tools.embedder);
  await build(generation, entries, identity, tools, onProgress, signal);
  const built = tools.files.load(generation, identity, tools.engine);
  if (built === undefined) throw new Error("the index that was just written cannot be read");
  return new SearchIndex({ chunks, entries: slim(entries), ...built }, tools.tokenizer, tools.embedder);
}

async function build(
  generation: number,
  entries: readonly IndexEntry[],
  identity: IndexIdentity,
  tools: GenerationTools,
  onProgress: BuildProgress,
  signal?: AbortSignal,
) {
  const { store, embedder, embedderSettings, root } = tools;
  const hashes = entries.map(({ embedded }) => hashOf(embedded));
  const vectors = await store.loadVectors(embedder.version, [...new Set(hashes)]);
  const known = new Map(
    hashes.flatMap((hash, i) => (vectors.has(hash) ? [[i, vectors.get(hash) as Float32Array] as const] : [])),
  );
  const embedded = await buildInWorker(
    { root, generation, identity, entries, known, embedder: embedderSettings },
    onProgress,
    signal,
  );
  await store.saveVectors(
    embedder.version,
    new Map([...embedded].map(([i, vector]) => [hashes[i] as string, vector])),
  );
}

function identityOf(entries: readonly IndexEntry[], { embedder, engine }: GenerationTools): IndexIdentity {
  return {
    embedder: embedder.version,
    engine: engine.engine,
    entries: entries.length,
    entriesHash: hashOf(entries),
  };
}

/** What search needs of the entries; their texts stand in the indexes. */
const slim = (entries: readonly IndexEntry[]) => entries.map(({ chunk, role }) => ({ chunk, role }));

function withoutText({ document, chunks }: StoredVersion) {
  const { text: _text, sections: _sections, ...info } = document;
  return { document: info, chunks };
}
