import { normaliseForSearch } from "../tokenizer.ts";
import { readTable } from "./read-table.ts";

interface Name {
  readonly written: string;
  readonly law: string;
}

/** What may follow 法 when it belongs to another word: 劳动法律, 公司法人, 公司法务. */
const otherWord = /^[律庭院人务定官规]/u;
/** A rule of interpretation of another field: 婚姻法司法解释二. */
const otherField = /[法典姻]$/u;

/** Stands where a longer name was found. */
const taken = "\u0000";

let names: readonly Name[] | undefined;

/**
 * Full titles (without 中华人民共和国) of the laws that a text names in full or in short, in the order of the text;
 * each place of the text names the law with the longest name there.
 */
export function lawsNamedIn(text: string): string[] {
  names ??= readNames();
  let rest = plain(text);
  const found: { at: number; law: string }[] = [];
  for (const { written, law } of names) {
    for (let at = rest.indexOf(written); at >= 0; at = rest.indexOf(written, at + 1)) {
      const end = at + written.length;
      if (written.endsWith("法") && otherWord.test(rest.slice(end, end + 1))) continue;
      if (written.startsWith("司法解释") && otherField.test(rest.slice(0, at))) continue;
      rest = rest.slice(0, at) + taken.repeat(written.length) + rest.slice(end);
      found.push({ at, law });
    }
  }
  return [...new Set(found.sort((a, b) => a.at - b.at).map(({ law }) => law))];
}

function readNames(): Name[] {
  const all = readTable("laws").flatMap(([law, shorts]) =>
    [law, ...shorts].map((written) => ({ written: plain(written), law })),
  );
  return all.sort((a, b) => b.written.length - a.written.length);
}

/** Book marks, spaces and the country's name are written or left out. */
const plain = (text: string) => normaliseForSearch(text).replace(/[\s《》〈〉<>]|中华人民共和国/gu, "");
