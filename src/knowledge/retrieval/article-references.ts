import { formatArticleLabel, parseArticleLabel } from "../sections/article-number.ts";

const article = /第?[〇零一二三四五六七八九十百千\d]+条(?:之[一二三四五六七八九十\d]+)?/gu;

/** Articles that a text names, as labels in Chinese numerals: 82条, 第82条 and 第八十二条 are one. */
export function articleReferences(text: string): string[] {
  const labels = [...text.matchAll(article)].flatMap(([found]) => {
    const parsed = parseArticleLabel(found);
    return parsed === undefined ? [] : [formatArticleLabel(parsed.number, parsed.suffix)];
  });
  return [...new Set(labels)];
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
