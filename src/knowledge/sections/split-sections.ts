import type { PageRange } from "../formats/document-format.ts";
import type { Section } from "../policy-document.ts";
import { formatArticleLabel } from "./article-number.ts";
import { type ArticleLine, articleLines, divisionOf, isAnnexLine } from "./law-lines.ts";
import { headingOf, linesOf, type TextLine } from "./text-lines.ts";

/** From this many articles on a text is divided as a law; below it, articles are only spoken of. */
const leastArticles = 3;

export interface SplitOptions {
  /** Where the text's pages stand, for formats that have pages. */
  readonly pages?: readonly PageRange[];
}

/** The beginning of a section, before its end and page are known. */
interface Opening {
  readonly start: number;
  readonly path: readonly string[];
  readonly label?: string;
}

/**
 * Divides a text as it divides itself: by articles where it is a law, else by headings. The sections are
 * consecutive slices that together are the text; what stands before the first mark is a section as well. An empty
 * text has no sections.
 *
 * In a law every article is one section, labelled in Chinese numerals; a title, an 编, 章 or 节 line and an annex
 * open a section of their own, so that an article's section is the article and nothing else.
 */
export function splitSections(text: string, options: SplitOptions = {}): Section[] {
  const lines = linesOf(text);
  const articles = articleLines(lines);
  const openings = articles.length >= leastArticles ? lawOpenings(lines, articles) : headingOpenings(lines);
  return openings.map((opening, ordinal) => {
    const end = openings[ordinal + 1]?.start ?? text.length;
    const page = pageAt(opening.start, options.pages);
    return { ordinal, ...opening, ...(page === undefined ? {} : { page }), end };
  });
}

function headingOpenings(lines: readonly TextLine[]): Opening[] {
  const openings: Opening[] = [];
  const path = new HeadingPath();
  for (const line of lines) {
    const heading = headingOf(line);
    if (heading !== undefined) path.set(heading.level, heading.title);
    if (heading !== undefined || line.start === 0) openings.push({ start: line.start, path: path.list() });
  }
  return openings;
}

function lawOpenings(lines: readonly TextLine[], articles: readonly ArticleLine[]): Opening[] {
  const openings: Opening[] = [];
  const path = new HeadingPath();
  const byLine = new Map(articles.map((article) => [article.line, article]));
  let seen = 0;
  for (const [index, line] of lines.entries()) {
    const article = byLine.get(index);
    const label = article === undefined ? undefined : formatArticleLabel(article.number, article.suffix);
    if (label !== undefined) seen += 1;
    const opens = label !== undefined || setLawPath(path, line, seen > 0) || line.start === 0;
    if (opens)
      openings.push({ start: line.start, path: path.list(), ...(label === undefined ? {} : { label }) });
  }
  return openings;
}

/** Levels in a law: 1 title, 2–5 编 to 节, an annex stands in the place of an 编. Other headings go below. */
function setLawPath(path: HeadingPath, line: TextLine, afterArticles: boolean): boolean {
  const division = divisionOf(line);
  const heading = headingOf(line);
  if (division !== undefined) path.set(1 + division.rank, division.title);
  else if (afterArticles && isAnnexLine(line)) path.set(2, heading?.title ?? line.text.trim());
  else if (heading !== undefined) path.set(heading.level === 1 ? 1 : heading.level + 4, heading.title);
  else return false;
  return true;
}

/** The headings that hold at a place; setting one closes all below it. */
class HeadingPath {
  #entries: { level: number; title: string }[] = [];

  set(level: number, title: string): void {
    this.#entries = [...this.#entries.filter((entry) => entry.level < level), { level, title }];
  }

  list(): string[] {
    return this.#entries.map((entry) => entry.title);
  }
}

function pageAt(place: number, pages: readonly PageRange[] | undefined): number | undefined {
  return pages?.find(({ start, end }) => place >= start && place < end)?.page;
}
