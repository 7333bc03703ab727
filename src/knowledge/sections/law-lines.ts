import { type ArticleNumber, numeralClass, parseArticleLabel } from "./article-number.ts";
import { headingOf, type TextLine } from "./text-lines.ts";

/** Divisions of a law above its articles, from the outermost to the innermost. */
const divisionRanks: Readonly<Record<string, number>> = { 编: 1, 分编: 2, 章: 3, 节: 4 };

export interface DivisionLine {
  /** 1 (编) to 4 (节). */
  readonly rank: number;
  readonly title: string;
}

const division = new RegExp(`^第\\s*[${numeralClass}]+\\s*(分编|编|章|节)(.*)$`, "u");

/** The 编, 章 or 节 that a line opens, with or without `#`. A sentence that begins with 第三章 is none. */
export function divisionOf(line: TextLine): DivisionLine | undefined {
  const heading = headingOf(line);
  const text = heading?.title ?? line.text.trim();
  const match = division.exec(text);
  const rank = divisionRanks[match?.[1] ?? ""];
  if (rank === undefined || line.fenced) return undefined;
  const rest = match?.[2] ?? "";
  if (
    heading === undefined &&
    (text.length > 40 || /[。；：，！？]/.test(text) || /^(?:的|规定|所|和第|至第|与第|或)/.test(rest))
  ) {
    return undefined;
  }
  return { rank, title: text };
}

/** A line that opens what stands behind the articles: annex, table, list. */
export function isAnnexLine(line: TextLine): boolean {
  const text = headingOf(line)?.title ?? line.text.trim();
  return (
    !line.fenced &&
    text.length <= 40 &&
    /^(?:附件|附录|附表|附则表|附[：:])/.test(text) &&
    !/[。；]$/.test(text)
  );
}

const article = new RegExp(
  `^[ \\t\\u3000]*(?:#{1,6}[ \\t\\u3000]+)?(\\*\\*|__)?(第[ \\u3000]*[${numeralClass}]+[ \\u3000]*条(?:[ \\u3000]*之[${numeralClass}]+)?)\\1?(.*)$`,
  "u",
);

/**
 * What makes 第八十二条 at a line start a mention, the rest of a sentence that began above. The words are few on
 * purpose: 第二条 may well go on with 中华人民共和国, 第九条 with 和解, 第五条 with 第三人.
 */
const mention = new RegExp(
  `^[ \\t\\u3000]*(?:[、，。；）)》”]|的|规定的|规定[，。；]|(?:和|及|或者?|与|至|到|、)?第[${numeralClass}]+[条款项])`,
  "u",
);

/** The same where no blank parts the label from what follows; there more words are needed to tell it. */
const attachedMention = /^(?:规定|所[列称述规]|中(?:的|规定|所)|之规定|修改|改为|删去|作)/;

/** What may end the line before an article: a sentence, or the introduction of a quoted one. */
const paragraphEnd = /[。！？；：:;.!?][”’」』）)》]*$/;

export interface ArticleLine extends ArticleNumber {
  readonly line: number;
}

/**
 * The lines with which articles begin. A line that begins with 第X条 is one
 * - where a blank, a colon, a bracket 【 or the line end follows and a paragraph ends before it, or the numbers go on;
 * - where text follows at once (some publishers leave no blank) only if both hold.
 * It is none where the sentence goes on as a mention ("第八十二条规定的…").
 */
export function articleLines(lines: readonly TextLine[]): ArticleLine[] {
  const found: ArticleLine[] = [];
  let previous: ArticleNumber | undefined;
  for (const [index, line] of lines.entries()) {
    const heading = headingOf(line);
    const match = line.fenced ? null : article.exec(line.text);
    const number = match?.[2] === undefined ? undefined : parseArticleLabel(match[2]);
    const rest = match?.[3] ?? "";
    if (number === undefined || mention.test(rest) || attachedMention.test(rest)) continue;
    const set = heading !== undefined || match?.[1] !== undefined || /^(?:[ \t\u3000：:【]|$)/.test(rest);
    const goesOn = follows(previous, number);
    const free = isParagraphStart(lines, index);
    if (set ? free || goesOn : free && goesOn) {
      found.push({ ...number, line: index });
      previous = number;
    }
  }
  return found;
}

function follows(previous: ArticleNumber | undefined, next: ArticleNumber): boolean {
  if (next.number === 1 && next.suffix === undefined) return true;
  if (previous === undefined) return false;
  if (next.suffix === undefined) return next.number === previous.number + 1;
  return next.number === previous.number && next.suffix === (previous.suffix ?? 0) + 1;
}

function isParagraphStart(lines: readonly TextLine[], index: number): boolean {
  const before = lines[index - 1];
  if (before === undefined || before.text.trim() === "") return true;
  return (
    headingOf(before) !== undefined ||
    divisionOf(before) !== undefined ||
    paragraphEnd.test(before.text.trimEnd())
  );
}
