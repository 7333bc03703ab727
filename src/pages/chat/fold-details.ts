import type { Citation } from "./api-types.ts";
import type { Block, Line } from "./parse-text.ts";

/** What of an answer is shown at once, and what waits behind one line. */
export type AnswerPart =
  | { readonly kind: "shown"; readonly block: Block; readonly isConclusion: boolean }
  | {
      readonly kind: "folded";
      /** The head, without its colon. */
      readonly head: string;
      /** What is inside in a few words: the rules that it names, or the matters. Empty where it names none. */
      readonly summary: string;
      readonly items: readonly Line[];
    };

const articles = "第[一二三四五六七八九十百零〇]+条";
const rule = new RegExp(`(《[^《》]+》)[^《》；，。：]{0,14}?(${articles}(?:、${articles})*)`, "g");
/** So many laws are named on the folded line. */
const namedLaws = 3;

/**
 * Puts the bullets under a head behind one line when each of them cites a source: grounds and neighbouring matters
 * are for those who want to look closer. What to do next comes in steps and stays in sight, and so does every list
 * without sources. The cited paragraph before the first head is the conclusion.
 */
export function foldDetails(blocks: readonly Block[], citations: readonly Citation[]): AnswerPart[] {
  const firstHead = blocks.findIndex(({ kind }) => kind === "head");
  const parts: AnswerPart[] = [];
  for (let index = 0; index < blocks.length; index += 1) {
    const block = blocks[index] as Block;
    const next = blocks[index + 1];
    if (block.kind === "head" && next?.kind === "bullets" && next.items.every(isCited)) {
      const head = plainText(block.line).replace(/[：:]$/, "");
      parts.push({ kind: "folded", head, summary: summaryOf(next.items, citations), items: next.items });
      index += 1;
    } else {
      const isConclusion = block.kind === "paragraph" && index < firstHead && block.lines.some(isCited);
      parts.push({ kind: "shown", block, isConclusion });
    }
  }
  return parts;
}

/** The title at the head of an item that speaks of another document, without the colon behind it. */
export function leadingTitle(item: Line, citations: readonly Citation[]): string {
  const text = plainText(item);
  const found = citations.find(({ document }) => text.startsWith(`${document}：`));
  return found === undefined ? "" : found.document;
}

function summaryOf(items: readonly Line[], citations: readonly Citation[]): string {
  const titles = items.map((item) => leadingTitle(item, citations)).filter((title) => title !== "");
  if (titles.length > 0) return titles.join("；");
  const laws = new Map<string, string[]>();
  for (const item of items) {
    const text = plainText(item);
    for (let match = rule.exec(text); match !== null; match = rule.exec(text)) {
      const [, law = "", named = ""] = match;
      const known = laws.get(law) || [];
      laws.set(law, known.concat(named.split("、").filter((article) => known.indexOf(article) < 0)));
    }
  }
  const names = Array.from(laws, ([law, named]) => law + named.join("、"));
  return names.slice(0, namedLaws).join("；") + (names.length > namedLaws ? "等" : "");
}

const isCited = (line: Line) => line.some(({ kind }) => kind === "citation");

function plainText(line: Line): string {
  return line
    .map((part) => (part.kind === "text" ? part.text : part.kind === "phone" ? part.number : ""))
    .join("");
}
