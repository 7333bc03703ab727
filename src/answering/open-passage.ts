import type { Chunk } from "../knowledge/chunk.ts";
import type { DocumentInfo, IndexedChunk } from "../knowledge/retrieval/index-entries.ts";
import { describeSource } from "./describe-source.ts";

/** A cited passage among its neighbours, as a reader opens it. */
export interface OpenedPassage {
  readonly id: string;
  readonly document: string;
  readonly section: string;
  readonly path: string[];
  readonly text: string;
  readonly source: string;
  readonly region: string;
  readonly effective?: string;
  readonly repealed?: string;
  readonly verified?: string;
  readonly context: readonly {
    readonly id: string;
    readonly section: string;
    readonly text: string;
    readonly current: boolean;
  }[];
}

/** Articles shown before and after the cited one of a law; a guide is shown whole. */
const neighbours = 2;

/** Puts a chunk among the chunks of its document version, which are in reading order; it may stand alone. */
export function openPassage(
  chunk: Chunk,
  document: DocumentInfo,
  siblings: readonly IndexedChunk[],
): OpenedPassage {
  const position = siblings.findIndex((sibling) => sibling.chunk.id === chunk.id);
  const around =
    position < 0
      ? [{ chunk, document }]
      : document.kind === "guide"
        ? siblings
        : siblings.slice(Math.max(0, position - neighbours), position + neighbours + 1);
  return {
    id: chunk.id,
    document: document.title,
    section: sectionOf(chunk),
    path: [...chunk.path],
    text: chunk.text,
    source: describeSource(document, chunk),
    region: document.region,
    ...(document.effective === undefined ? {} : { effective: document.effective }),
    ...(document.repealed === undefined ? {} : { repealed: document.repealed }),
    ...(document.verified === undefined ? {} : { verified: document.verified }),
    context: around.map(({ chunk: shown }) => ({
      id: shown.id,
      section: sectionOf(shown),
      text: shown.text,
      current: shown.id === chunk.id,
    })),
  };
}

const sectionOf = (chunk: Chunk) => chunk.label ?? chunk.path.at(-1) ?? "";
