import { type DocumentRank, rankOfTitle } from "../../documents/document-rank.ts";
import type { Candidate } from "../candidates.ts";
import type { DocumentInfo, IndexEntry, IndexedChunk } from "../index-entries.ts";
import { bigramsOf, normaliseForSearch } from "../tokenizer.ts";
import type { ChunkSigns } from "./features.ts";

interface Known {
  readonly chunks: number[];
  readonly rank: DocumentRank | "guide" | "local";
  readonly titleBigrams: readonly string[];
}

/** What the second stage must know of documents, chunks and their keys, looked up once. */
export class DocumentSigns {
  readonly #chunks: readonly IndexedChunk[];
  readonly #roles: readonly Pick<IndexEntry, "role">[];
  readonly #documents = new Map<string, Known>();
  /** First key of each chunk in `#entries`; one longer than the number of chunks. */
  readonly #starts: Uint32Array;
  readonly #entries: Uint32Array;

  constructor(chunks: readonly IndexedChunk[], entries: readonly Pick<IndexEntry, "chunk" | "role">[]) {
    this.#chunks = chunks;
    this.#roles = entries;
    for (const [position, { document }] of chunks.entries()) {
      const known = this.#documents.get(document.id);
      if (known === undefined) this.#documents.set(document.id, describe(document, position));
      else known.chunks.push(position);
    }
    this.#starts = new Uint32Array(chunks.length + 1);
    for (const { chunk } of entries) this.#starts[chunk + 1] = (this.#starts[chunk + 1] as number) + 1;
    for (let i = 0; i < chunks.length; i++)
      this.#starts[i + 1] = (this.#starts[i + 1] as number) + (this.#starts[i] as number);
    const next = this.#starts.slice();
    this.#entries = new Uint32Array(entries.length);
    for (const [entry, { chunk }] of entries.entries()) {
      const place = next[chunk] as number;
      this.#entries[place] = entry;
      next[chunk] = place + 1;
    }
  }

  /** Positions of a document's chunks in reading order. */
  chunksOf(documentId: string): readonly number[] {
    return this.#documents.get(documentId)?.chunks ?? [];
  }

  /** Keys that lead to a chunk. */
  entriesOf(position: number): readonly number[] {
    return [...this.#entries.subarray(this.#starts[position], this.#starts[position + 1])];
  }

  signsOf({ position, vectors, words }: Candidate): ChunkSigns {
    const { chunk, document } = this.#chunks[position] as IndexedChunk;
    const { rank, titleBigrams } = this.#documents.get(document.id) as Known;
    const nearest = vectors ?? words;
    return {
      documentId: document.id,
      rank,
      titleBigrams,
      length: chunk.text.length,
      byQuestion: nearest !== undefined && this.#roles[nearest.entry]?.role === "question",
    };
  }
}

function describe(document: DocumentInfo, position: number): Known {
  const { kind, title } = document;
  return {
    chunks: [position],
    rank: kind === "guide" || kind === "local" ? kind : rankOfTitle(title),
    titleBigrams: bigramsOf(normaliseForSearch(title)),
  };
}
