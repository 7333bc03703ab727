import { textFeatures } from "../../src/knowledge/embedding/text-features.ts";
import type { Tokenizer } from "../../src/knowledge/retrieval/tokenizer.ts";

/** Number of a text in the store. */
export type TextId = number;

/** From here to there, in clauses. */
export interface ClauseRange {
  readonly start: number;
  readonly end: number;
}

const clauseEnds = /(?<=[。；！？!?;\n，,：:])/u;

/** Texts as hashed features, cut into clauses, so that a clause can be held against the rest of its text. */
export class TextStore {
  readonly #tokenizer: Tokenizer;
  readonly #ids = new Map<string, TextId>();
  /** First clause of each text; one longer than the number of texts. */
  readonly #textStarts: number[] = [0];
  /** First feature of each clause; one longer than the number of clauses. */
  readonly #clauseStarts: number[] = [0];
  #features = new Uint32Array(1 << 22);
  #used = 0;

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  get size(): number {
    return this.#textStarts.length - 1;
  }

  /** Adds a text; the same text twice has one id. */
  add(text: string): TextId {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    for (const clause of text.split(clauseEnds)) {
      const features = textFeatures(this.#tokenizer, clause);
      if (features.length === 0) continue;
      this.#reserve(features.length);
      this.#features.set(features, this.#used);
      this.#used += features.length;
      this.#clauseStarts.push(this.#used);
    }
    const id = this.size;
    this.#textStarts.push(this.#clauseStarts.length - 1);
    this.#ids.set(text, id);
    return id;
  }

  clausesOf(text: TextId): ClauseRange {
    return { start: this.#textStarts[text] as number, end: this.#textStarts[text + 1] as number };
  }

  featuresOf({ start, end }: ClauseRange): Uint32Array {
    return this.#features.subarray(this.#clauseStarts[start] as number, this.#clauseStarts[end] as number);
  }

  #reserve(more: number): void {
    if (this.#used + more <= this.#features.length) return;
    const larger = new Uint32Array(this.#features.length * 2);
    larger.set(this.#features);
    this.#features = larger;
  }
}
