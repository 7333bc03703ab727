import { createHash } from "node:crypto";
import { AppError } from "../../errors.ts";
import { blendNeighbours } from "../retrieval/blend-neighbours.ts";
import type { Reranker } from "../retrieval/reranker.ts";
import type { SearchIndex } from "../retrieval/search-index.ts";
import type { SharedVectorIndex, SharedVectorStore } from "../retrieval/shared-vector-index.ts";
import type { Tokenizer } from "../retrieval/tokenizer.ts";
import type { BaseIndex } from "./base-index.ts";
import { buildFailed } from "./build-failed.ts";
import type { BuildProgress } from "./build-index.ts";
import { type BuildTools, buildWhole, type EmbeddedEntries, storedDocument } from "./build-whole.ts";
import { type GenerationFiles, type IndexIdentity, indexFormat } from "./generation-files.ts";
import { GenerationIndex } from "./generation-index.ts";
import { type IndexedDocument, indexedDocument } from "./indexed-document.ts";
import { vectorsElsewhere } from "./vectors-elsewhere.ts";

export interface SharedTools extends BuildTools {
  readonly files: GenerationFiles;
  readonly tokenizer: Tokenizer;
  readonly reranker?: Reranker;
  readonly shared: SharedVectorStore;
}

/**
 * Opens a generation whose vectors all processes share: words from its files, vectors from the store. It is never laid
 * on another one; what is missing of the two is built as a whole.
 */
export async function openShared(
  generation: number,
  tools: SharedTools,
  onProgress: BuildProgress = () => {},
  signal?: AbortSignal,
): Promise<SearchIndex> {
  const { store, files, shared, embedder } = tools;
  const documents = (await store.loadGeneration(generation)).map(indexedDocument);
  const identity: IndexIdentity = { embedder: embedder.version, engine: "pgvector" };
  const load = () => {
    const stored = files.load(generation, identity, vectorsElsewhere);
    return stored?.holdsExactly(documents) === true ? stored : undefined;
  };
  const open = (words: BaseIndex, vectors: SharedVectorIndex) =>
    new GenerationIndex(words, documents, new Map(), { ...words.index, vectors }, tools);

  const contents = contentsOf(identity, documents);
  const present = await shared.open(generation, contents);
  const stored = load();
  if (stored !== undefined && present !== undefined) return open(stored, present);
  const embedded = await buildWhole(generation, documents, identity, tools, onProgress, signal);
  const fill = () => {
    onProgress("vectors", 0, embedded.entries.length);
    return fillShared(shared, generation, contents, embedded, signal);
  };
  const vectors = present ?? (await fill());
  const built = load();
  if (built === undefined)
    throw new AppError("knowledge.reload_failed", "刚写好的索引读不出来，请检查磁盘空间");
  return open(built, vectors);
}

async function fillShared(
  shared: SharedVectorStore,
  generation: number,
  contents: string,
  { entries, vectors }: EmbeddedEntries,
  signal?: AbortSignal,
): Promise<SharedVectorIndex> {
  const blended = blendNeighbours(vectors, (place) => entries[place]?.series);
  try {
    return await shared.fill(generation, contents, blended, signal);
  } catch (cause) {
    signal?.throwIfAborted();
    throw buildFailed(cause);
  }
}

/** Names what is indexed: processes of another version of the code may cut the same generation in another way. */
function contentsOf(identity: IndexIdentity, documents: readonly IndexedDocument[]): string {
  const hash = createHash("sha256").update(JSON.stringify([indexFormat, identity]));
  for (const document of documents) hash.update(JSON.stringify(storedDocument(document)));
  return hash.digest("hex").slice(0, 16);
}
