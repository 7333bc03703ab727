import { Jieba } from "@node-rs/jieba";
import { dict } from "@node-rs/jieba/dict.js";
import { type Lexicon, loadLexicon } from "./lexicon.ts";
import { stopWords } from "./stop-words.ts";

/** Features of a text for ranking: words, and pairs of neighbouring characters. */
export interface Tokens {
  readonly words: readonly string[];
  readonly bigrams: readonly string[];
}

/** Weight of a word that the lexicon adds beside a worker's own word. */
const expansionWeight = 0.6;
/** Longest question that is looked at; the rest adds cost, not meaning. */
const maxQueryCharacters = 2_000;

/**
 * Cuts Chinese text for search. Words come from jieba with the labour lexicon, without its guessing of unknown
 * words: bigrams cover those. One instance holds the dictionary (about 60 MB) and is shared.
 */
export class Tokenizer {
  readonly #jieba: Jieba;
  readonly #lexicon: Lexicon;

  constructor(lexicon: Lexicon = loadLexicon()) {
    this.#lexicon = lexicon;
    this.#jieba = Jieba.withDict(dict);
    this.#jieba.loadDict(Buffer.from(lexicon.words.map((word) => `${word} 20000 n`).join("\n")));
  }

  /** Cuts a text of the knowledge. */
  tokenize(text: string): Tokens {
    const normal = normaliseForSearch(text);
    return { words: this.words(normal), bigrams: bigramsOf(normal) };
  }

  /**
   * Cuts a question: dialect and typing errors are rewritten; the knowledge's own words, and words that are `added`,
   * count with less weight.
   */
  tokenizeQuery(
    question: string,
    added: readonly string[] = [],
  ): {
    words: Map<string, number>;
    bigrams: Map<string, number>;
    text: string;
  } {
    const text = this.rewrite(question.slice(0, maxQueryCharacters));
    const words = new Map<string, number>();
    const bigrams = new Map<string, number>();
    const add = (counts: Map<string, number>, term: string, weight: number) =>
      counts.set(term, Math.max(counts.get(term) ?? 0, weight));
    for (const word of this.words(text)) add(words, word, 1);
    for (const bigram of bigramsOf(text)) add(bigrams, bigram, 1);
    for (const meant of [...this.#expansionsOf(text), ...added]) {
      for (const word of this.words(meant)) add(words, word, expansionWeight);
      for (const bigram of bigramsOf(meant)) add(bigrams, bigram, expansionWeight / 2);
    }
    return { words, bigrams, text };
  }

  /** The question in the knowledge's own writing. */
  rewrite(question: string): string {
    let text = normaliseForSearch(question);
    for (const [said, meant] of this.#lexicon.rewrites) {
      if (text.includes(said)) text = text.replaceAll(said, meant);
    }
    return text;
  }

  words(normalText: string): string[] {
    return this.#jieba
      .cutForSearch(normalText, false)
      .filter((word) => /[\p{L}\p{N}]/u.test(word) && !stopWords.has(word));
  }

  #expansionsOf(text: string): string[] {
    return this.#lexicon.expansions.flatMap(([said, meant]) => (text.includes(said) ? meant : []));
  }
}

/** Full-width to half-width, one case, no invisible characters. */
export function normaliseForSearch(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu, "");
}

/** Pairs of neighbouring Chinese characters, and whole runs of Latin letters or digits. */
export function bigramsOf(normalText: string): string[] {
  const found: string[] = [];
  for (const run of normalText.match(/\p{Script=Han}+|[a-z0-9]+/gu) ?? []) {
    if (/^[a-z0-9]/.test(run) || run.length === 1) {
      found.push(run);
      continue;
    }
    for (let i = 0; i + 1 < run.length; i++) found.push(run.slice(i, i + 2));
  }
  return found;
}
