import type { IndexedChunk } from "./retrieval/index-entries.ts";
import type { ScoredChunk, SearchIndex, SearchQuery } from "./retrieval/search-index.ts";

/** Which of these documents may be answered from now. */
export type LivenessCheck = (documentIds: readonly string[]) => Promise<ReadonlySet<string>>;

/** How often a search is repeated without the documents that turned out to be withdrawn. */
const mostAttempts = 4;

/** One generation of the knowledge, held for the length of a turn: a swap in the meantime changes nothing here. */
export class PinnedKnowledge {
  readonly #index: SearchIndex;
  readonly #live: LivenessCheck | undefined;

  constructor(index: SearchIndex, live?: LivenessCheck) {
    this.#index = index;
    this.#live = live;
  }

  /**
   * The search of chat, console and command line. Hits of withdrawn documents are left out; a search inside one
   * document follows one that found it, and does not ask again.
   */
  async search(query: SearchQuery, signal?: AbortSignal): Promise<ScoredChunk[]> {
    if (query.documentId !== undefined) return this.#index.search(query, signal);
    const withdrawn = new Set(query.without);
    for (let attempt = 1; ; attempt++) {
      const found = await this.#index.search({ ...query, without: withdrawn }, signal);
      const living = await this.#living(found);
      // Withdrawn documents may fill the list; living ones stand behind them.
      if (living.length === found.length || attempt === mostAttempts) return living;
      for (const { document } of found) withdrawn.add(document.id);
      for (const { document } of living) withdrawn.delete(document.id);
    }
  }

  async #living(found: ScoredChunk[]): Promise<ScoredChunk[]> {
    if (this.#live === undefined || found.length === 0) return found;
    const live = await this.#live([...new Set(found.map(({ document }) => document.id))]);
    return found.filter(({ document }) => live.has(document.id));
  }

  passagesOf(documentId: string): readonly IndexedChunk[] {
    return this.#index.chunksOf(documentId);
  }
}
