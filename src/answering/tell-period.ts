import { shortTitle } from "../knowledge/retrieval/article-references.ts";
import type { IndexedChunk } from "../knowledge/retrieval/index-entries.ts";
import type { AskedDay } from "./asked-day.ts";
import type { Period } from "./choose-period.ts";
import { Citations } from "./citations.ts";
import { type Draft, quote } from "./compose-extractive.ts";
import type { AskedScope } from "./find-in-scope.ts";
import { plainItem } from "./plain-item.ts";
import type { Support } from "./select-passages.ts";

/**
 * The draft with a line that says of what time or place its rules are, and below it the rule of today where that is
 * another. Nothing is added where the same rules held then, hold today, and hold there.
 */
export function tellPeriod(
  draft: Draft,
  { support, note, present }: Period,
  asked: AskedScope,
  passagesOf: (documentId: string) => readonly IndexedChunk[],
): Draft {
  const [main] = support;
  if (note === undefined || main === undefined) return draft;
  const citations = new Citations(draft);
  const parts = [openingOf(note, main, asked, citations), draft.text];
  if (present !== undefined) parts.push(`现在的规定：\n${quoteOf(present, passagesOf, citations)}`);
  return { text: parts.join("\n\n"), citations: citations.list, passages: citations.passages };
}

function openingOf(
  note: NonNullable<Period["note"]>,
  main: Support,
  { asOf, region = "" }: AskedScope,
  citations: Citations,
): string {
  const { document } = main;
  if (note === "other_place")
    return `您在${region}上班，资料里没有${region}的规定。下面是${document.region}的规定，只供参考，以当地的为准。`;
  const asked = askedFor(asOf);
  if (note === "only_present")
    return `${asked}，资料里没有查到当时的规定。下面是现在的规定，当时的可能不一样。`;
  const best = main.hits[0] as IndexedChunk;
  const date =
    document.published === undefined || document.published === "" ? "" : `（${document.published}）`;
  const name = document.kind === "guide" ? document.title : `《${shortTitle(document.title)}》`;
  const held = asOf?.told === undefined ? "找到的是" : "当时适用的是";
  const since = note === "still" ? "现在也还有效" : "现在已经不再适用";
  return `${asked}，${held}${name}${date}，${since}。${citations.cite(best)}`;
}

function askedFor({ told, asks }: Partial<AskedDay> = {}): string {
  if (told === undefined) return "您问的是以前的规定";
  return asks === "rule" ? `您问的是${told}的规定` : `您说的事发生在${told}`;
}

/** A guide's conclusion, or the passage that fits best. */
function quoteOf(
  { document, hits }: Support,
  passagesOf: (documentId: string) => readonly IndexedChunk[],
  citations: Citations,
): string {
  const conclusion = document.kind === "guide" ? passagesOf(document.id)[0] : undefined;
  if (conclusion !== undefined) return `${plainItem(conclusion.chunk.text)}${citations.cite(conclusion)}`;
  return quote(hits[0] as IndexedChunk, citations);
}
