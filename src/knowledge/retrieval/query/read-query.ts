import { articleReferences } from "../article-references.ts";
import { normaliseForSearch } from "../tokenizer.ts";
import { wordsForDialect, wordsForEnglish } from "./added-words.ts";
import { type Correction, SpellingMender } from "./mend-spelling.ts";
import { lawsNamedIn } from "./named-laws.ts";
import { amountsInOtherWriting } from "./quantities.ts";
import { toSimplified } from "./simplify.ts";

/** Longest question that is read; the rest adds cost, not meaning. */
const maxCharacters = 2_000;

export interface ReadQuery {
  /**
   * What is searched for: simplified, half width, misspellings mended, at most 2 000 characters. For a question without
   * a Chinese character: the knowledge's words for what it says, where the glossary has any.
   */
  readonly text: string;
  /** What was changed, for the record: homophones and shapes only, not script or width. */
  readonly corrections: readonly Correction[];
  /** Words added beside the text with less weight: dialect, English within Chinese, numerals; may be empty. */
  readonly added: readonly string[];
  /** Article labels in Chinese numerals that the question names. */
  readonly articles: readonly string[];
  /** Full names (without 中华人民共和国) of laws that the question names by name or short form. */
  readonly laws: readonly string[];
}

/**
 * Reads a question as it was typed. Never throws, whatever the text. The tables are read with the first question, the
 * sounds of the vocabulary when a question first holds what the segmenter cannot read.
 */
export class QueryReader {
  readonly #mender: SpellingMender;

  /**
   * `vocabulary`: words of the index with how many entries have them; mended words are among them. `segment`: the words
   * of a text in the writing of a search, in order, where parts of a word may stand before it.
   */
  constructor(options: {
    vocabulary: Iterable<readonly [string, number]>;
    segment: (text: string) => readonly string[];
  }) {
    this.#mender = new SpellingMender(options.vocabulary, options.segment);
  }

  read(question: string): ReadQuery {
    const normal = bounded(toSimplified(bounded(normaliseForSearch(bounded(question)))));
    const { text, corrections } = this.#mender.mend(normal);
    const english = wordsForEnglish(text);
    const beside = [...wordsForDialect(text), ...english, ...amountsInOtherWriting(text)];
    const foreign = english.length > 0 && !/\p{Script=Han}/u.test(text);
    return {
      text: foreign ? english.join(" ") : text,
      corrections,
      added: foreign ? [] : [...new Set(beside)].filter((word) => !text.includes(word)),
      articles: articleReferences(text),
      laws: lawsNamedIn(text),
    };
  }
}

/** Cut short, without half characters. */
const bounded = (text: string) => text.slice(0, maxCharacters).toWellFormed();
