import { articleReferences } from "../knowledge/retrieval/article-references.ts";
import type { IndexedChunk } from "../knowledge/retrieval/index-entries.ts";
import type { ScoredChunk } from "../knowledge/retrieval/search-index.ts";
import { otherScope } from "./both-scopes.ts";
import { Citations } from "./citations.ts";
import { extractClaims } from "./claims.ts";
import type { Citation } from "./grounded-answer.ts";
import { plainItem } from "./plain-item.ts";
import { isClose, isLocal, isSameMatter, type Support, withScores } from "./select-passages.ts";
import { likeness } from "./shared-pairs.ts";

/** A reply before its claims are checked. */
export interface Draft {
  readonly text: string;
  readonly citations: readonly Citation[];
  /** The cited passages, in the order of the citations: the evidence for the last check. */
  readonly passages: readonly IndexedChunk[];
}

const mostRules = 3;
const mostSteps = 3;
const mostNeighbours = 2;
/** A quote that shares so much with one before it, and every figure, says nothing new. */
const sameText = 0.85;
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
  const guide = () => guideLines(main, passagesOf(main.document.id), citations);
  const other = otherScope(support);
  const lines =
    other === undefined
      ? guide()
      : isLocal(main)
        ? [...guide(), "", "全国的规定：", quote(other.hits[0] as ScoredChunk, citations)]
        : [
            `${other.document.region}的规定：`,
            quote(other.hits[0] as ScoredChunk, citations),
            "",
            "全国的规定：",
            ...guide(),
          ];
  lines.push(...neighbourLines(support, passagesOf, citations));
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
    .filter(({ document, score }) => document.kind === "guide" && isClose(score, main.score))
    .slice(0, mostNeighbours);
  const national = close.filter((other) => isLocal(main) && !isLocal(other) && isSameMatter(other, main));
  const conclusions = (guides: readonly Support[]) =>
    guides
      .flatMap(({ document }) => passagesOf(document.id).slice(0, 1))
      .map(
        (passage) =>
          `· ${passage.document.title}：${plainItem(passage.chunk.text)}${citations.cite(passage)}`,
      );
  const headed = (heading: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ["", heading, ...lines];
  return [
    ...headed("全国的规定：", conclusions(national)),
    ...headed("也可能您想问的是：", conclusions(close.filter((other) => !national.includes(other)))),
  ];
}

function fromPassages(support: readonly Support[]): Draft {
  const citations = new Citations();
  const ranked = support.flatMap(({ hits }) => hits).sort((left, right) => right.score - left.score);
  const [best, second] = ranked as [ScoredChunk, ScoredChunk | undefined];
  const main = support.find(({ document }) => document.id === best.document.id) as Support;
  const other = otherScope([main, ...support.filter((one) => one !== main)])?.hits[0];
  const beside = other ?? (second !== undefined && isClose(second.score, best.score) ? second : undefined);
  // What holds for the whole country and what holds here are both shown where both fit, the more specific first.
  const shown = (beside === undefined ? [best] : [best, beside])
    .toSorted((left, right) => Number(isLocal(right)) - Number(isLocal(left)))
    .filter((hit, i, all) => !all.slice(0, i).some(({ chunk }) => saysTheSame(chunk.text, hit.chunk.text)));
  const lines = shown.map((hit) => quote(hit, citations));
  return { text: lines.join("\n\n"), citations: citations.list, passages: citations.passages };
}

function saysTheSame(one: string, other: string): boolean {
  const figures = (text: string) =>
    extractClaims(text)
      .map(({ key }) => key)
      .filter((key) => !key.startsWith("article:"))
      .sort()
      .join();
  return likeness(one, other) >= sameText && figures(one) === figures(other);
}

/** A passage with the name of its law or document. */
export function quote(hit: IndexedChunk, citations: Citations): string {
  const name = hit.document.kind === "law" ? `《${hit.document.title}》` : `${hit.document.title}：`;
  return `${name}${shorten(plainItem(hit.chunk.text))}${citations.cite(hit)}`;
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
