import { readTable } from "./read-table.ts";

/** More would outweigh the question itself. */
const mostWords = 24;

let dialect: readonly (readonly [string, readonly string[]])[] | undefined;
let english: readonly (readonly [string, readonly string[]])[] | undefined;

/** The knowledge's words for what a question says in the speech of Chongqing and Sichuan. */
export function wordsForDialect(text: string): string[] {
  dialect ??= readTable("dialect").sort(([a], [b]) => b.length - a.length);
  let rest = text;
  const words: string[] = [];
  for (const [said, meant] of dialect) {
    if (!rest.includes(said)) continue;
    rest = rest.replaceAll(said, " ");
    words.push(...meant);
  }
  return [...new Set(words)].slice(0, mostWords);
}

/** The knowledge's words for what a question says in English. A phrase that was found is not read again. */
export function wordsForEnglish(text: string): string[] {
  if (!/[a-z]{3}/u.test(text)) return [];
  english ??= readTable("english")
    .flatMap(([meant, phrases]) => phrases.map((said) => [` ${said} `, meant.split(" ")] as const))
    .sort(([a], [b]) => b.length - a.length);
  let rest = ` ${(text.match(/[a-z0-9']+/gu) ?? []).map(withoutPlural).join(" ")} `;
  const words: string[] = [];
  for (const [said, meant] of english) {
    if (!rest.includes(said)) continue;
    rest = rest.replaceAll(said, "  ");
    words.push(...meant);
  }
  return [...new Set(words)].slice(0, mostWords);
}

function withoutPlural(word: string): string {
  if (word === "labor") return "labour";
  return /[^s]s$/u.test(word) && word.length > 3 ? word.slice(0, -1) : word;
}
