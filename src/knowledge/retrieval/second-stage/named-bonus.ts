import { namedTitles, shortTitle } from "../article-references.ts";
import type { IndexedChunk } from "../index-entries.ts";

/** On the scale of the second stage's scores, where the best candidate of a question has about 1. */
const lawBonus = 1;
const articleBonus = 1.5;
/** Beside it for the share of the question that the article covers: of two laws' articles the one that fits wins. */
const coveredBonus = 3;

/** What the question names outright is no matter of learned weights. */
export interface NamedRules {
  /** Article labels in Chinese numerals. */
  readonly articles: readonly string[];
  /** Names of laws without 中华人民共和国. */
  readonly laws: readonly string[];
}

/** What each chunk gains because the question names its law or its article. `text`: the question. */
export function namedBonuses(
  text: string,
  { articles, laws }: NamedRules,
  found: readonly { readonly passage: IndexedChunk; readonly coverage: number }[],
): number[] {
  const titles = found.flatMap(({ passage: { document } }) =>
    document.kind === "law" ? [document.title] : [],
  );
  const named = namedTitles(text, titles);
  for (const title of titles) if (laws.includes(shortTitle(title))) named.add(title);
  return found.map(({ passage: { chunk, document }, coverage }) => {
    const isArticle = chunk.label !== undefined && articles.includes(chunk.label);
    return (
      (named.has(document.title) ? lawBonus : 0) + (isArticle ? articleBonus + coveredBonus * coverage : 0)
    );
  });
}
