import { type ArticleNumber, formatArticleLabel, parseArticleLabel } from "../sections/article-number.ts";

const numeral = "[〇零一二三四五六七八九十百千\\d]{1,8}";
/** One number, or several that share a 第 or a 条: 82条, 第四十六、四十七条, 46和47条, 第三条之一. */
const listed = new RegExp(
  `(第?)\\s*(${numeral}(?:\\s*[、,和与及或跟到至~-]\\s*第?\\s*${numeral}){0,9})\\s*条` +
    "(之[一二三四五六七八九十\\d]+)?(?![件例龙短微消信记留腿命路裤鱼])",
  "gu",
);
/** After these a small number without 第 is an article's too: 劳动法三条, 《工会法》3条. */
const namesLaw = /[法例定释则》]的?\s*$/u;
/** A longer range is named by its ends. */
const longestRange = 10;

/**
 * Articles that a text names, as labels in Chinese numerals: 82条, 第82条 and 第八十二条 are one. A number below ten
 * counts things where neither 第 nor a law stands before it: 三条腿.
 */
export function articleReferences(text: string): string[] {
  const labels = new Set<string>();
  const plainText = text.normalize("NFKC");
  for (const match of plainText.matchAll(listed)) {
    const [, mark, numbers = "", suffix = ""] = match;
    // A comma also parts thousands: 1,000条.
    if (mark === "" && numbers.includes(",")) continue;
    const sure = mark !== "" || namesLaw.test(plainText.slice(Math.max(0, match.index - 3), match.index));
    for (const { number, suffix: part } of articlesIn(numbers, suffix)) {
      if (sure || number >= 10) labels.add(formatArticleLabel(number, part));
    }
  }
  return [...labels];
}

function articlesIn(numbers: string, suffix: string): ArticleNumber[] {
  const parts = numbers.split(/([、,和与及或跟到至~-])/u);
  const articles: ArticleNumber[] = [];
  for (let i = 0; i < parts.length; i += 2) {
    const own = i === parts.length - 1 ? suffix : "";
    const article = parseArticleLabel(`${(parts[i] as string).trim().replace(/^第\s*/u, "")}条${own}`);
    if (article === undefined) continue;
    const last = articles.at(-1);
    const isRange = i > 0 && /[到至~-]/u.test(parts[i - 1] as string);
    if (isRange && last !== undefined && article.number - last.number <= longestRange) {
      for (let number = last.number + 1; number < article.number; number++) articles.push({ number });
    }
    articles.push(article);
  }
  return articles;
}

/** Which of these titles a text names; 劳动合同法 is not named by 劳动合同法实施条例. */
export function namedTitles(text: string, titles: Iterable<string>): Set<string> {
  const said = plain(text);
  const named = [...new Set(titles)].filter((title) => plain(title) !== "" && said.includes(plain(title)));
  return new Set(
    named.filter((title) => !named.some((other) => other !== title && plain(other).includes(plain(title)))),
  );
}

/** Width, case, book marks and spaces are written in many ways. */
const plain = (title: string) =>
  shortTitle(title)
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\s《》〈〉<>]/gu, "");

/** A law's name as people say it. */
export function shortTitle(title: string): string {
  return title.replace(/^中华人民共和国/u, "");
}
