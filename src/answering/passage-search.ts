import type { IndexedChunk } from "../knowledge/retrieval/index-entries.ts";
import type { ScoredChunk, SearchQuery } from "../knowledge/retrieval/search-index.ts";

/**
 * What answering needs of the knowledge: one generation, pinned for the length of a turn. Throws
 * `knowledge.library_unavailable` where there is none.
 */
export interface PassageSearch {
  search(query: SearchQuery, signal?: AbortSignal): Promise<ScoredChunk[]>;
  /** All chunks of a document in reading order. */
  passagesOf(documentId: string): readonly IndexedChunk[];
}

/** Gives the generation that serves now. */
export interface PassageLibrary {
  pin(): PassageSearch;
}
