import { AppError } from "../../errors.ts";
import type { KnowledgeStore, StoredVersion } from "../knowledge-store.ts";
import type { VectorEngine } from "../retrieval/open-vector-index.ts";
import type { Reranker } from "../retrieval/reranker.ts";
import type { SearchIndex } from "../retrieval/search-index.ts";
import type { SharedVectorStore } from "../retrieval/shared-vector-index.ts";
import type { Tokenizer } from "../retrieval/tokenizer.ts";
import type { BaseIndex } from "./base-index.ts";
import type { BuildProgress } from "./build-index.ts";
import { type BuildTools, buildWhole } from "./build-whole.ts";
import type { GenerationFiles, IndexIdentity } from "./generation-files.ts";
import { GenerationIndex } from "./generation-index.ts";
import { type IndexedDocument, indexedDocument, versionKey } from "./indexed-document.ts";
import { type AddedDocuments, layerIndex, layOut, prepareAdded } from "./layer-index.ts";
import { openShared } from "./open-shared.ts";
import type { OpenedGeneration } from "./opened-generations.ts";

export interface GenerationTools extends BuildTools {
  readonly files: GenerationFiles;
  readonly tokenizer: Tokenizer;
  readonly engine: VectorEngine;
  /** Where all processes keep the vectors together; undefined: each has its own, made by `engine`. */
  readonly shared?: SharedVectorStore;
  readonly reranker?: Reranker;
}

/**
 * Opens a generation's index. Where little differs from an index that was built as a whole, only the difference is
 * indexed and layered on it: on the one under `from`, a generation that is open, else on the one in the generation's
 * files. Where there is none or much differs, the whole is built from the database in a worker thread, with every
 * vector that is known already; so is every generation whose vectors are shared. Versions among `fresh` are not read from the database.
 */
export async function openGeneration(
  generation: number,
  tools: GenerationTools,
  onProgress: BuildProgress = () => {},
  signal?: AbortSignal,
  from?: OpenedGeneration,
  fresh: readonly StoredVersion[] = [],
): Promise<SearchIndex> {
  const { shared } = tools;
  if (shared !== undefined) return openShared(generation, { ...tools, shared }, onProgress, signal);
  const open = from?.index instanceof GenerationIndex ? from.index : undefined;
  if (open !== undefined) {
    const documents = await documentsFrom(open, generation, tools.store, fresh);
    const layered = await layer(open.base, documents, open.added, tools, onProgress, signal);
    if (layered !== undefined) {
      if (open.base.generation !== generation) tools.files.link(generation, open.base.generation);
      return layered;
    }
  }
  const documents = (await tools.store.loadGeneration(generation)).map(indexedDocument);
  const identity = identityOf(tools);
  const stored = tools.files.load(generation, identity, tools.engine);
  const reopened = stored && (await layer(stored, documents, new Map(), tools, onProgress, signal));
  if (reopened !== undefined) return reopened;
  await buildWhole(generation, documents, identity, tools, onProgress, signal);
  const built = tools.files.load(generation, identity, tools.engine);
  const whole = built && (await layer(built, documents, new Map(), tools));
  if (whole === undefined)
    throw new AppError("knowledge.reload_failed", "刚写好的索引读不出来，请检查磁盘空间");
  return whole;
}

/** The generation's documents: those that the open one has too as it holds them, the others read. */
async function documentsFrom(
  open: GenerationIndex,
  generation: number,
  store: KnowledgeStore,
  fresh: readonly StoredVersion[],
): Promise<IndexedDocument[]> {
  const known = new Map(open.documents.map((document) => [document.key, document]));
  const manifest = await store.manifest(generation);
  const missing = new Set(manifest.map(versionKey).filter((key) => !known.has(key)));
  const read = (versions: readonly StoredVersion[]) => {
    for (const version of versions) {
      const { id: documentId, contentHash } = version.document;
      const key = versionKey({ documentId, contentHash });
      if (missing.delete(key)) known.set(key, indexedDocument(version));
    }
  };
  read(fresh);
  if (missing.size > 0) read(await store.loadGeneration(generation));
  return manifest.flatMap((entry) => known.get(versionKey(entry)) ?? []);
}

/** The documents on this base; undefined where they are too far from it. */
async function layer(
  base: BaseIndex,
  documents: readonly IndexedDocument[],
  known: AddedDocuments,
  tools: GenerationTools,
  onProgress?: BuildProgress,
  signal?: AbortSignal,
): Promise<SearchIndex | undefined> {
  const layout = layOut(base, documents);
  if (layout === undefined) return undefined;
  const added = await prepareAdded(layout.added, known, tools, onProgress, signal);
  return new GenerationIndex(base, documents, added, layerIndex(base, layout, added), tools);
}

const identityOf = ({ embedder, engine }: GenerationTools): IndexIdentity => ({
  embedder: embedder.version,
  engine: engine.engine,
});
