import { formatArticleLabel, parseArticleLabel } from "../knowledge/sections/article-number.ts";
import { beforeName, canonicalLaw, lawEnding, namesIn } from "./law-names.ts";

/** An article as a text names it, with the law that it belongs to there. */
export interface ArticleMention {
  /** In Chinese numerals, such as 第八十二条. */
  readonly label: string;
  /** Paragraphs and items named with it, such as 第一款第四项. */
  readonly clause: string;
  /** Readings of the law's name as `canonicalLaw` gives them; empty where the text names none. */
  readonly laws: readonly string[];
  readonly start: number;
  readonly end: number;
}

const numeral = "[〇零一二两三四五六七八九十百千\\d]+";
const listed = `${numeral}(?:(?:、|和|及|与|至|到|或|—|-|~)第?${numeral})*`;
const clausePart = `第\\s*\\(?${numeral}\\)?\\s*[款项目]`;
const article = new RegExp(
  `(?<ordinal>第?)\\s*(?<numbers>${listed})\\s*条(?<sub>之${numeral})?(?<clause>(?:${clausePart})*)`,
  "gu",
);
/** 本法 is the law that the text itself is; 该法 the one named before. */
const own = /(?<!基)本(?:法|条例|规定|办法|解释|章程|细则)$/u;
const same =
  /(?:^|根据|依据|依照|按照|按|依|违反)(?:该|同|此|这部|上述)(?:法|条例|规定|办法|解释|章程|细则)$/u;
/** What follows 》 and still belongs to the name. */
const derived = /^(?:实施条例|实施细则|实施办法)$/u;
const sentenceEnd = /[。!?！？\n]/u;

/**
 * The articles of a text in NFKC form. An article belongs to the law named directly before it, else to the one
 * named last in the same sentence, else to `ownLaw`: the law that the text is an extract of.
 */
export function articlesIn(text: string, ownLaw?: string): ArticleMention[] {
  const names = namesIn(text);
  const mentions: ArticleMention[] = [];
  let carried: { laws: readonly string[]; end: number } | undefined;
  for (const match of text.matchAll(article)) {
    const start = match.index;
    const end = start + match[0].length;
    if (names.some((name) => start > name.start && end < name.end)) continue;
    const groups = match.groups as Record<string, string | undefined>;
    const direct = lawDirectlyBefore(text, start, names, ownLaw);
    // Without 第, only a law's name before it makes it an article: 劳动合同法82条, but 十条措施.
    if (groups.ordinal === "" && direct === undefined && text[start - 1] !== "》") continue;
    const named = names.findLast((name) => name.end <= start && name.end >= (carried?.end ?? 0));
    if (named !== undefined) carried = { laws: [named.name], end: named.end };
    if (direct !== undefined) carried = { laws: direct, end };
    if (carried !== undefined && sentenceEnd.test(text.slice(carried.end, start))) carried = undefined;
    const laws = carried?.laws ?? (ownLaw === undefined ? [] : [ownLaw]);
    if (carried !== undefined) carried = { laws, end };
    for (const label of labelsOf(groups.numbers ?? "", groups.sub ?? "")) {
      mentions.push({ label, clause: clauseOf(groups.clause ?? ""), laws, start, end });
    }
  }
  return mentions;
}

function labelsOf(numbers: string, sub: string): string[] {
  const parts = numbers.match(new RegExp(numeral, "gu")) ?? [];
  return parts.flatMap((part, index) => {
    const parsed = parseArticleLabel(`${part}条${index === parts.length - 1 ? sub : ""}`);
    return parsed === undefined ? [`第${part}条`] : [formatArticleLabel(parsed.number, parsed.suffix)];
  });
}

/** 第1款第(四)项 as 第一款第四项. */
export function clauseOf(text: string): string {
  return text.replace(/[\s()]/gu, "").replace(new RegExp(numeral, "gu"), (part) => {
    const parsed = parseArticleLabel(`${part}条`);
    return parsed === undefined ? part : formatArticleLabel(parsed.number).slice(1, -1);
  });
}

function lawDirectlyBefore(
  text: string,
  start: number,
  names: readonly { name: string; end: number }[],
  ownLaw: string | undefined,
) {
  const run =
    /(?:\p{Script=Han}{2,40})(?:\([一二三四五六]\))?\s*$/u
      .exec(text.slice(Math.max(0, start - 50), start))?.[0]
      .trim() ?? "";
  if (run === "" || same.test(run)) return undefined;
  if (own.test(run)) return ownLaw === undefined ? undefined : [ownLaw];
  const bracketed = names.find((name) => name.end === start - run.length);
  if (bracketed !== undefined)
    return derived.test(run) ? [canonicalLaw(`${bracketed.name}${run}`)] : undefined;
  if (!lawEnding.test(run)) return undefined;
  const readings = suffixesOf(run).map(canonicalLaw).filter(isName);
  return readings.length === 0 ? undefined : readings;
}

/** The run itself and what is left of it after each word that may stand before a name. */
function suffixesOf(run: string): string[] {
  const suffixes = [run];
  for (let at = 1; at < run.length - 1; at += 1) {
    if (beforeName.test(run.slice(0, at))) suffixes.push(run.slice(at));
  }
  return suffixes;
}

/** 规定 and 办法 alone are no names. */
function isName(reading: string): boolean {
  if (/(?:法典|条例|章程|法)$/u.test(reading) && !/办法$/u.test(reading))
    return reading.length >= 2 && !/^(?:条例|章程|依法|违法|合法|非法|方法)$/u.test(reading);
  return reading.length >= 6;
}
