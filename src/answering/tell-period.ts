import { shortTitle } from "../knowledge/retrieval/article-references.ts";
import type { IndexedChunk } from "../knowledge/retrieval/index-entries.ts";
import type { AskedDay } from "./asked-day.ts";
import type { Period } from "./choose-period.ts";
import { Citations } from "./citations.ts";
import { type Draft, quote } from "./compose-extractive.ts";
import { plainItem } from "./plain-item.ts";
import type { Support } from "./select-passages.ts";

/**
 * The draft with a line that says which version it tells of, and below it the rule of today where that is another.
 * Nothing is added where the same rules held then and hold today.
 */
export function tellPeriod(
  draft: Draft,
  { support, note, present }: Period,
  asked: AskedDay,
  passagesOf: (documentId: string) => readonly IndexedChunk[],
): Draft {
  const [main] = support;
  if (note === undefined || main === undefined) return draft;
  const citations = new Citations(draft);
  const lines = [openingOf(note, main, asked, citations), draft.text];
  if (present !== undefined && note !== "only_present")
    lines.push(
      [
        note === "ended" ? "现在的规定：" : "后来有了新的规定，现在要看：",
        quoteOf(present, passagesOf, citations),
      ].join("\n"),
    );
  return {
    text: lines.filter((line) => line !== "").join("\n\n"),
    citations: citations.list,
    passages: citations.passages,
  };
}

function openingOf(
  note: NonNullable<Period["note"]>,
  main: Support,
  { told, asks }: AskedDay,
  citations: Citations,
): string {
  const asked =
    told === undefined
      ? "您问的是以前的规定"
      : asks === "rule"
        ? `您问的是${told}的规定`
        : `您说的事发生在${told}`;
  if (note === "later_rule") return `${asked}，先说当时就有、现在也还有效的规定。`;
  if (note === "only_present")
    return `${asked}，资料里没有查到当时的规定。下面是现在的规定，当时的可能不一样。`;
  const best = main.hits[0] as IndexedChunk;
  const { published } = main.document;
  const date = published === undefined || published === "" ? "" : `（${published}）`;
  const name =
    main.document.kind === "guide" ? main.document.title : `《${shortTitle(main.document.title)}》`;
  const held = told === undefined ? "，找到的是" : "，当时适用的是";
  return `${asked}${held}${name}${date}，现在已经不再适用。${citations.cite(best)}`;
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
