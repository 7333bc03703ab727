import type { Chunk } from "../chunk.ts";
import type { PolicyDocument } from "../policy-document.ts";

/** A document as an index holds it: everything but its text, which stands in the chunks. */
export type DocumentInfo = Omit<PolicyDocument, "text" | "sections">;

export interface IndexedChunk {
  readonly chunk: Chunk;
  readonly document: DocumentInfo;
}

/**
 * One key under which a chunk is found. A guide's answer is found by its own words, by each of its questions, so
 * that a long list of questions dilutes none of them, and by the words of the whole guide.
 */
export interface IndexEntry {
  /** Position of the chunk that this key leads to. */
  readonly chunk: number;
  readonly role: "passage" | "question" | "document";
  /** Texts with the weight that their words have. */
  readonly fields: readonly { readonly text: string; readonly weight: number }[];
  /** What is embedded. */
  readonly embedded: string;
  /** The law whose articles stand in a row: its neighbours colour the vector. */
  readonly series?: string;
}

const titleWeight = 0.8;
const pathWeight = 0.4;
/** A guide as a whole: for questions whose words are spread over it. */
const wholeTitleWeight = 3;
const wholeQuestionsWeight = 1.5;

/** The keys of documents in a fixed order: the same documents give the same entries. */
export function entriesOf(versions: readonly { document: DocumentInfo; chunks: readonly Chunk[] }[]): {
  chunks: IndexedChunk[];
  entries: IndexEntry[];
} {
  const chunks: IndexedChunk[] = [];
  const entries: IndexEntry[] = [];
  for (const { document, chunks: own } of versions) {
    const first = chunks.length;
    for (const chunk of own) {
      entries.push(passageEntry(chunks.length, document, chunk));
      chunks.push({ chunk, document });
    }
    if (own.length === 0) continue;
    if (document.kind === "guide") entries.push(documentEntry(first, document, own));
    const asked = document.kind === "guide" ? [document.title, ...document.questions] : document.questions;
    for (const text of asked)
      entries.push({ chunk: first, role: "question", fields: [{ text, weight: 1 }], embedded: text });
  }
  return { chunks, entries };
}

function documentEntry(first: number, document: DocumentInfo, chunks: readonly Chunk[]): IndexEntry {
  return {
    chunk: first,
    role: "document",
    fields: [
      { text: document.title, weight: wholeTitleWeight },
      { text: document.questions.join("\n"), weight: wholeQuestionsWeight },
      { text: chunks.map(({ text }) => text).join("\n"), weight: 1 },
    ],
    embedded: `${document.title}\n${chunks[0]?.text ?? ""}`,
  };
}

/** What search needs of the entries; their texts stand in the indexes. */
export const withoutTexts = (entries: readonly IndexEntry[]): Pick<IndexEntry, "chunk" | "role">[] =>
  entries.map(({ chunk, role }) => ({ chunk, role }));

function passageEntry(position: number, document: DocumentInfo, chunk: Chunk): IndexEntry {
  const path = chunk.path.filter((heading) => heading !== document.title).join(" ");
  return {
    chunk: position,
    role: "passage",
    fields: [
      { text: document.title, weight: titleWeight },
      { text: path, weight: pathWeight },
      { text: chunk.text, weight: 1 },
    ],
    embedded: `${document.title} ${path}\n${chunk.text}`,
    ...(document.kind === "law" ? { series: document.id } : {}),
  };
}
