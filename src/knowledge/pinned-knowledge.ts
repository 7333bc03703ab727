import type { IndexedChunk } from "./retrieval/index-entries.ts";
import type { ScoredChunk, SearchIndex, SearchQuery } from "./retrieval/search-index.ts";

/** Which of these documents may be answered from now. */
export type LivenessCheck = (documentIds: readonly string[]) => Promise<ReadonlySet<string>>;

/** One generation of the knowledge, held for the length of a turn: a swap in the meantime changes nothing here. */
export class PinnedKnowledge {
  readonly #index: SearchIndex;
  readonly #live: LivenessCheck | undefined;

  constructor(index: SearchIndex, live?: LivenessCheck) {
    this.#index = index;
    this.#live = live;
  }

  /** The search of chat, console and command line. Hits of withdrawn documents are left out. */
  async search(query: SearchQuery, signal?: AbortSignal): Promise<ScoredChunk[]> {
    if (this.#live === undefined) return this.#index.search(query, signal);
    // Withdrawn documents may stand before living ones, so more is asked for than is wanted.
    const found = await this.#index.search({ ...query, limit: query.limit * 2 }, signal);
    const live = await this.#live([...new Set(found.map(({ document }) => document.id))]);
    return found.filter(({ document }) => live.has(document.id)).slice(0, query.limit);
  }

  passagesOf(documentId: string): readonly IndexedChunk[] {
    return this.#index.chunksOf(documentId);
  }
}
