import { createHash } from "node:crypto";
import { AppError } from "../../errors.ts";
import { hashOf } from "../documents/read-document.ts";
import type { EmbedderSettings } from "../embedding/create-embedder.ts";
import type { Embedder } from "../embedding/embedder.ts";
import type { KnowledgeStore, StoredVersion } from "../knowledge-store.ts";
import { entriesOf, type IndexEntry, withoutTexts } from "../retrieval/index-entries.ts";
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
    return new SearchIndex(
      { chunks, entries: withoutTexts(entries), ...stored },
      tools.tokenizer,
      tools.embedder,
    );
  await build(generation, entries, identity, tools, onProgress, signal);
  const built = tools.files.load(generation, identity, tools.engine);
  if (built === undefined)
    throw new AppError("knowledge.reload_failed", "刚写好的索引读不出来，请检查磁盘空间");
  return new SearchIndex(
    { chunks, entries: withoutTexts(entries), ...built },
    tools.tokenizer,
    tools.embedder,
  );
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
    entriesHash: hashOfEntries(entries),
  };
}

/** Entry by entry: the JSON of all of them together could be longer than a string may be. */
function hashOfEntries(entries: readonly IndexEntry[]): string {
  const hash = createHash("sha256");
  for (const entry of entries) hash.update(JSON.stringify(entry)).update("\n");
  return hash.digest("hex");
}

function withoutText({ document, chunks }: StoredVersion) {
  const { text: _text, sections: _sections, ...info } = document;
  return { document: info, chunks };
}
