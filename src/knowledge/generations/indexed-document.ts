import { createHash } from "node:crypto";
import type { ManifestEntry, StoredVersion } from "../knowledge-store.ts";
import { entriesOf, type IndexEntry, type IndexedChunk, withoutTexts } from "../retrieval/index-entries.ts";

type EntryPlace = Pick<IndexEntry, "chunk" | "role">;

/** One version of one document as a generation's index holds it. */
export interface IndexedDocument {
  /** Names document and version. */
  readonly key: string;
  readonly chunks: readonly IndexedChunk[];
  /** Keys under which its chunks are found, with positions within the document. */
  readonly entries: readonly EntryPlace[];
  /** The same with their texts: only of a document that was just read. */
  readonly texts?: readonly IndexEntry[];
}

export const versionKey = ({ documentId, contentHash }: ManifestEntry) => `${documentId}\n${contentHash}`;

export function indexedDocument({ document, chunks }: StoredVersion): IndexedDocument {
  const { text: _text, sections: _sections, ...info } = document;
  const own = entriesOf([{ document: info, chunks }]);
  return {
    key: versionKey({ documentId: document.id, contentHash: document.contentHash }),
    chunks: own.chunks,
    entries: withoutTexts(own.entries),
    texts: own.entries,
  };
}

/** Texts are needed to index a document, not to search it. */
export const withoutEntryTexts = ({ texts: _texts, ...document }: IndexedDocument): IndexedDocument =>
  document;

/** The chunks of documents one after the other, and what leads to them with positions in the whole. */
export function joinDocuments(documents: readonly IndexedDocument[]): {
  chunks: IndexedChunk[];
  entries: EntryPlace[];
} {
  const chunks: IndexedChunk[] = [];
  const entries: EntryPlace[] = [];
  for (const document of documents) {
    const first = chunks.length;
    for (const { chunk, role } of document.entries) entries.push({ chunk: first + chunk, role });
    for (const chunk of document.chunks) chunks.push(chunk);
  }
  return { chunks, entries };
}

/** SHA-256 over the entries of a document: the same keys in the same order. */
export function hashOfEntries(entries: readonly IndexEntry[]): string {
  const hash = createHash("sha256");
  for (const entry of entries) hash.update(JSON.stringify(entry)).update("\n");
  return hash.digest("hex");
}
