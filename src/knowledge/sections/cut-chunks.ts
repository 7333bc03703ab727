import { createHash } from "node:crypto";
import type { Chunk } from "../chunk.ts";
import type { PolicyDocument, Section } from "../policy-document.ts";
import { cutText } from "./cut-text.ts";
import { guideItems } from "./guide-items.ts";
import { divisionOf } from "./law-lines.ts";
import { headingOf, linesOf, type TextLine } from "./text-lines.ts";

/** A slice `text[start, end)` of a document from which a chunk is made. */
export interface ChunkSlice {
  readonly section: Section;
  readonly start: number;
  readonly end: number;
}

/**
 * The slices from which a document's chunks are made. Those of a section, put together, are the section: nothing
 * is lost here, also not the white space and heading lines that no chunk shows.
 *
 * A section is one slice unless it is long. In a guide every list item under a heading is one, because items are
 * read alone.
 */
export function chunkSlices(document: PolicyDocument): ChunkSlice[] {
  return document.sections.flatMap((section) => {
    const parts = document.kind === "guide" ? guideItems(document.text, section) : [section];
    return parts.flatMap(({ start, end }) =>
      cutText(document.text, start, end).map((piece) => ({ section, start: piece.start, end: piece.end })),
    );
  });
}

/**
 * What search holds of a document: the slices' words, trimmed and without the heading lines before them, which
 * stand in `path`. A slice that is nothing but headings or white space makes no chunk.
 */
export function cutChunks(document: PolicyDocument): Chunk[] {
  const chunks: Chunk[] = [];
  for (const { section, start, end } of chunkSlices(document)) {
    const text = wordsOf(document.text.slice(start, end), start === section.start);
    if (text === "") continue;
    const ordinal = chunks.length;
    chunks.push({
      id: chunkId(document, ordinal),
      documentId: document.id,
      contentHash: document.contentHash,
      ordinal,
      section: section.ordinal,
      path: pathOf(document.title, section.path),
      ...(section.label === undefined ? {} : { label: section.label }),
      ...(section.page === undefined ? {} : { page: section.page }),
      text,
    });
  }
  return chunks;
}

function chunkId(document: PolicyDocument, ordinal: number): string {
  const hash = createHash("sha256").update(`${document.id}\n${document.contentHash}\n${ordinal}`);
  return hash.digest("hex").slice(0, 16);
}

/** The document's title before its headings, once: many documents repeat it as their first heading. */
function pathOf(title: string, headings: readonly string[]): string[] {
  const [first = "", ...rest] = headings;
  return [title, ...(bareTitle(first) === bareTitle(title) ? rest : headings)];
}

/** A title without what varies between a heading and a file's name: formal prefix, book marks, version in brackets. */
function bareTitle(title: string): string {
  return title.replace(/中华人民共和国|[《》〈〉\s]/g, "").replace(/[（(][^（）()]*[）)]$/, "");
}

function wordsOf(slice: string, opensSection: boolean): string {
  if (!opensSection) return slice.trim();
  const lines = linesOf(slice);
  const body = lines.find((line) => line.text.trim() !== "" && !isHeading(line));
  return body === undefined ? "" : slice.slice(body.start).trim();
}

function isHeading(line: TextLine): boolean {
  return headingOf(line) !== undefined || divisionOf(line) !== undefined;
}
