import type { SearchIndex } from "../retrieval/search-index.ts";

/** One generation in memory. */
export interface OpenedGeneration {
  readonly generation: number;
  readonly index: SearchIndex;
}

/** The generation that serves and the one before it, which stays loaded so that a rollback is one step. */
export class OpenedGenerations {
  #serving: OpenedGeneration | undefined;
  #former: OpenedGeneration | undefined;

  get serving(): OpenedGeneration | undefined {
    return this.#serving;
  }

  /** The former generation where it is this one. */
  held(generation: number): SearchIndex | undefined {
    return this.#former?.generation === generation ? this.#former.index : undefined;
  }

  swap(next: OpenedGeneration): void {
    if (this.#serving !== undefined && this.#serving.generation !== next.generation)
      this.#former = this.#serving;
    this.#serving = next;
  }

  /** Numbers of both. */
  numbers(): Set<number> {
    return new Set([this.#serving, this.#former].flatMap((opened) => opened?.generation ?? []));
  }
}
