import { articleReferences } from "../knowledge/retrieval/article-references.ts";
import type { IndexedChunk } from "../knowledge/retrieval/index-entries.ts";
import { Citations } from "./citations.ts";
import type { Citation } from "./grounded-answer.ts";
import { plainItem } from "./plain-item.ts";
import { type Support, withScores } from "./select-passages.ts";
import { sharedPairs } from "./shared-pairs.ts";

/** A reply before its claims are checked. */
export interface Draft {
  readonly text: string;
  readonly citations: readonly Citation[];
  /** The cited passages, in the order of the citations: the evidence for the last check. */
  readonly passages: readonly IndexedChunk[];
}

const mostRules = 3;
const mostSteps = 3;
/** Another guide or passage is shown when its score reaches this share of the best one's. */
const closeScore = 0.85;
const mostNeighbours = 2;
/** Passages of documents without the guide's form that are quoted. */
const mostQuotes = 2;
/** Longest passage of a document without the guide's form that is quoted whole, in characters. */
const longestQuote = 260;
const stepHeading = /怎么办|怎样办|下一步|接下来|办理|步骤|去哪/u;

/**
 * An answer in the passages' own words: the guide's conclusion, the rules that fit the question best, the next
 * steps. A document that is no guide is quoted with its article.
 */
export function composeExtractive(
  support: readonly Support[],
  passagesOf: (documentId: string) => readonly IndexedChunk[],
): Draft {
  const [main] = support as [Support];
  if (main.document.kind !== "guide") return fromPassages(support);
  const citations = new Citations();
  const lines = [
    ...guideLines(main, passagesOf(main.document.id), citations),
    ...neighbourLines(support, passagesOf, citations),
  ];
  return { text: lines.join("\n"), citations: citations.list, passages: citations.passages };
}

function guideLines(main: Support, passages: readonly IndexedChunk[], citations: Citations): string[] {
  const scored = withScores(passages, main.hits);
  const [answer, ...details] = scored as [(typeof scored)[number], ...typeof scored];
  const lines = [`${answer.passage.chunk.text}${citations.cite(answer.passage)}`];

  const isStep = ({ passage }: (typeof scored)[number]) => stepHeading.test(passage.chunk.path.at(-1) ?? "");
  const rules = groundFirst(
    details.filter((detail) => !isStep(detail)),
    `${main.document.title}，${leadOf(answer.passage.chunk.text)}`,
  ).slice(0, mostRules);
  if (rules.length > 0) {
    lines.push(
      "",
      "依据和细节：",
      ...rules.map(({ passage }) => `· ${plainItem(passage.chunk.text)}${citations.cite(passage)}`),
    );
  }
  const steps = bestInOrder(details.filter(isStep), mostSteps);
  if (steps.length > 0) {
    lines.push(
      "",
      "接下来可以这样做：",
      ...steps.map(
        ({ passage }, i) => `${i + 1}. ${plainItem(passage.chunk.text)}${citations.cite(passage)}`,
      ),
    );
  }
  return lines;
}

/** The statement that a conclusion begins with, up to where another one follows. */
const leadOf = (conclusion: string) => /^[^。；！？]*/u.exec(conclusion)?.[0] ?? "";

/** How much two texts share of both: the harmonic mean of their shares of character pairs. */
function likeness(left: string, right: string): number {
  const [one, other] = [sharedPairs(left, right), sharedPairs(right, left)];
  return one + other === 0 ? 0 : (2 * one * other) / (one + other);
}

/** The article that bears out the conclusion stands before the rules that fit the question best. */
function groundFirst<Scored extends { readonly passage: IndexedChunk; readonly score: number }>(
  rules: readonly Scored[],
  conclusion: string,
): Scored[] {
  const alike = new Map(rules.map((rule) => [rule, likeness(conclusion, rule.passage.chunk.text)]));
  const ground = rules
    .filter(({ passage }) => articleReferences(passage.chunk.text).length > 0)
    .sort((left, right) => (alike.get(right) ?? 0) - (alike.get(left) ?? 0))[0];
  const others = rules.filter((rule) => rule !== ground).sort((left, right) => right.score - left.score);
  return ground === undefined ? others : [ground, ...others];
}

/** Where another guide fits nearly as well, its conclusion: the question may have meant that. */
function neighbourLines(
  support: readonly Support[],
  passagesOf: (documentId: string) => readonly IndexedChunk[],
  citations: Citations,
): string[] {
  const [main, ...others] = support as [Support, ...Support[]];
  const close = others
    .filter(({ document, score }) => document.kind === "guide" && score >= main.score * closeScore)
    .slice(0, mostNeighbours);
  if (close.length === 0) return [];
  const conclusions = close.flatMap(({ document }) => passagesOf(document.id).slice(0, 1));
  return [
    "",
    "也可能您想问的是：",
    ...conclusions.map(
      (passage) => `· ${passage.document.title}：${plainItem(passage.chunk.text)}${citations.cite(passage)}`,
    ),
  ];
}

function fromPassages(support: readonly Support[]): Draft {
  const citations = new Citations();
  const ranked = support
    .flatMap(({ hits: own }) => own)
    .sort((left, right) => right.score - left.score)
    .slice(0, mostQuotes);
  const [best] = ranked;
  const lines = ranked
    .filter(({ score }) => score >= (best?.score ?? 0) * closeScore)
    .map((hit) => {
      const name = hit.document.kind === "law" ? `《${hit.document.title}》` : `${hit.document.title}：`;
      return `${name}${shorten(plainItem(hit.chunk.text))}${citations.cite(hit)}`;
    });
  return { text: lines.join("\n\n"), citations: citations.list, passages: citations.passages };
}

/** The best few, given back in reading order; where nothing was matched, the first few. */
function bestInOrder<Scored extends { readonly score: number }>(
  items: readonly Scored[],
  most: number,
): Scored[] {
  const best = new Set([...items].sort((left, right) => right.score - left.score).slice(0, most));
  return items.filter((item) => best.has(item));
}

function shorten(text: string): string {
  if (text.length <= longestQuote) return text;
  const cut = text.slice(0, longestQuote);
  const end = Math.max(cut.lastIndexOf("。"), cut.lastIndexOf("；"));
  return end > 80 ? cut.slice(0, end + 1) : `${cut}……`;
}
