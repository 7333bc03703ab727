import { readFileSync } from "node:fs";
import type { Lexicon } from "../../src/knowledge/retrieval/lexicon.ts";
import type { Random } from "./random.ts";

/** How often a word that has another is exchanged. */
const exchanged = 0.5;

/** Says questions in other words, by the thesaurus beside this file and the lexicon of the search. */
export class Rewording {
  /** Words that mean about the same. */
  readonly groups: readonly (readonly string[])[];
  /** Words that can be exchanged, the longest first, with what may stand for them. */
  readonly #others: readonly (readonly [string, readonly string[]])[];

  constructor(lexicon: Lexicon) {
    const lines = readFileSync(new URL("./thesaurus.txt", import.meta.url), "utf8").split("\n");
    this.groups = lines.filter((line) => line !== "" && !line.startsWith("#")).map((line) => line.split(" "));
    const others = new Map<string, string[]>();
    const add = (word: string, other: string) => {
      if (word.length < 2 || word === other) return;
      const known = others.get(word);
      if (known === undefined) others.set(word, [other]);
      else known.push(other);
    };
    for (const group of this.groups) for (const word of group) for (const other of group) add(word, other);
    for (const [said, meant] of lexicon.expansions) {
      for (const word of meant) {
        add(said, word);
        add(word, said);
      }
    }
    this.#others = [...others].sort(([left], [right]) => right.length - left.length);
  }

  /** Up to `count` other wordings of a question; none where no word of it can be exchanged. */
  variants(question: string, count: number, random: Random): string[] {
    const present = this.#others.filter(([word]) => question.includes(word));
    if (present.length === 0) return [];
    const found = new Set<string>();
    for (let i = 0; i < count; i++) found.add(reword(question, present, random));
    found.delete(question);
    return [...found];
  }
}

function reword(
  question: string,
  present: readonly (readonly [string, readonly string[]])[],
  random: Random,
): string {
  let text = "";
  let at = 0;
  while (at < question.length) {
    const match = present.find(([word]) => question.startsWith(word, at));
    const said = match?.[0] ?? question.charAt(at);
    text += match !== undefined && random.next() < exchanged ? random.pick(match[1]) : said;
    at += said.length;
  }
  return text;
}
