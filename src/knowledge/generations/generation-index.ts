import type { Embedder } from "../embedding/embedder.ts";
import type { Reranker } from "../retrieval/reranker.ts";
import { SearchIndex } from "../retrieval/search-index.ts";
import type { Tokenizer } from "../retrieval/tokenizer.ts";
import type { BaseIndex } from "./base-index.ts";
import { type IndexedDocument, joinDocuments, withoutEntryTexts } from "./indexed-document.ts";
import type { AddedDocuments, SearchedIndex } from "./layer-index.ts";

/** The search of a generation, with what it was made of: the next generation is made from that. */
export class GenerationIndex extends SearchIndex {
  readonly base: BaseIndex;
  readonly documents: readonly IndexedDocument[];
  readonly added: AddedDocuments;

  constructor(
    base: BaseIndex,
    documents: readonly IndexedDocument[],
    added: AddedDocuments,
    index: SearchedIndex,
    tools: { tokenizer: Tokenizer; embedder: Embedder; reranker?: Reranker },
  ) {
    super({ ...joinDocuments(documents), ...index }, tools.tokenizer, tools.embedder, [], tools.reranker);
    this.base = base;
    this.documents = documents.map(withoutEntryTexts);
    this.added = added;
  }
}
