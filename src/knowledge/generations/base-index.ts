import type { BuiltIndex } from "./build-index.ts";
import { hashOfEntries, type IndexedDocument } from "./indexed-document.ts";

/** What an index on disk says of a document whose entries it holds, in the order of the entries. */
export interface StoredDocument {
  readonly key: string;
  readonly entries: number;
  readonly hash: string;
}

/** An index that was built as a whole, with what it was built from. Later generations may be layered on it. */
export class BaseIndex {
  /** The generation for which it was built. */
  readonly generation: number;
  readonly index: BuiltIndex;
  readonly size: number;
  readonly #documents = new Map<string, StoredDocument & { readonly start: number }>();

  constructor(generation: number, index: BuiltIndex, documents: readonly StoredDocument[]) {
    this.generation = generation;
    this.index = index;
    let start = 0;
    for (const document of documents) {
      this.#documents.set(document.key, { ...document, start });
      start += document.entries;
    }
    this.size = start;
  }

  /** The document's first entry here; undefined where it is not here, or was indexed from other texts. */
  startOf({ key, texts }: IndexedDocument): number | undefined {
    const own = this.#documents.get(key);
    if (own === undefined || (texts !== undefined && hashOfEntries(texts) !== own.hash)) return undefined;
    return own.start;
  }

  /** Whether these documents and no others are here, in this order. */
  holdsExactly(documents: readonly IndexedDocument[]): boolean {
    let start = 0;
    for (const document of documents) {
      if (this.startOf(document) !== start) return false;
      start += document.entries.length;
    }
    return start === this.size;
  }
}
