import { AppError } from "../errors.ts";
import type { LocalData } from "./documents/local-data.ts";
import { localDocuments } from "./documents/local-documents.ts";
import { type Refusal, readLibrary } from "./documents/read-library.ts";
import type { Embedder } from "./embedding/embedder.ts";
import { buildIndex } from "./generations/build-index.ts";
import { readFolderSettings } from "./knowledge-folder.ts";
import { PinnedKnowledge } from "./pinned-knowledge.ts";
import { entriesOf, withoutTexts } from "./retrieval/index-entries.ts";
import type { VectorEngine } from "./retrieval/open-vector-index.ts";
import type { Reranker } from "./retrieval/reranker.ts";
import { SearchIndex } from "./retrieval/search-index.ts";
import type { Tokenizer } from "./retrieval/tokenizer.ts";
import { cutChunks } from "./sections/cut-chunks.ts";

export interface InMemoryKnowledge {
  local(): LocalData;
  readonly refused: readonly Refusal[];
  pin(): PinnedKnowledge;
}

/**
 * Reads and indexes a folder without a database: for single questions, evaluation and tests. A folder that cannot
 * be read is a library that cannot be searched: `refused` says why, and `pin` throws
 * `knowledge.library_unavailable`.
 */
export async function loadInMemory(
  root: string,
  options: {
    federation: string;
    tokenizer: Tokenizer;
    embedder: Embedder;
    engine: VectorEngine;
    reranker?: Reranker;
    signal?: AbortSignal;
  },
): Promise<InMemoryKnowledge> {
  const { register, local } = await readFolderSettings(root, options.federation);
  const read = await readLibrary(root, {
    origin: "library",
    register,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  }).catch(refusedWhole);
  if (read instanceof AppError) {
    const pin = () => {
      throw new AppError("knowledge.library_unavailable", read.message, { cause: read });
    };
    return { local: () => local, refused: [{ path: root, reason: read.message }], pin };
  }
  const { versions, refused } = read;
  const own = localDocuments(local).map((document) => ({ document, chunks: cutChunks(document) }));
  const { chunks, entries } = entriesOf([...versions, ...own]);
  const { index } = await buildIndex(entries, options, () => options.signal?.throwIfAborted());
  const parts = { chunks, entries: withoutTexts(entries), ...index };
  const search = new SearchIndex(parts, options.tokenizer, options.embedder, [], options.reranker);
  return { local: () => local, refused, pin: () => new PinnedKnowledge(search) };
}

function refusedWhole(error: unknown): AppError {
  if (error instanceof AppError) return error;
  throw error;
}
