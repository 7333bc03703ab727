import type { FeatureDirectory } from "../../src/knowledge/embedding/feature-directory.ts";
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

/**
 * Texts as features, cut into clauses, so that a clause can be held against the rest of its text. The features are
 * hashes until a directory gives them rows.
 */
export class TextStore {
  readonly #tokenizer: Tokenizer;
  readonly #ids = new Map<string, TextId>();
  /** First clause of each text; one longer than the number of texts. */
  readonly #textStarts: number[] = [0];
  /** First feature of each clause; one longer than the number of clauses. */
  readonly #clauseStarts: number[] = [0];
  #features = new Uint32Array(1 << 22);
  #used = 0;
  #directory: FeatureDirectory | undefined;

  constructor(tokenizer: Tokenizer, directory?: FeatureDirectory) {
    this.#tokenizer = tokenizer;
    this.#directory = directory;
  }

  get size(): number {
    return this.#textStarts.length - 1;
  }

  /** Adds a text; the same text twice has one id. */
  add(text: string): TextId {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    for (const clause of text.split(clauseEnds)) {
      const hashes = textFeatures(this.#tokenizer, clause);
      const features = this.#directory?.rowsOf(hashes) ?? hashes;
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

  /** From now on features are rows; those without one are left out. */
  useRows(directory: FeatureDirectory): void {
    this.#directory = directory;
    let kept = 0;
    for (let clause = 0, at = 0; clause + 1 < this.#clauseStarts.length; clause++) {
      const end = this.#clauseStarts[clause + 1] as number;
      for (; at < end; at++) {
        const row = directory.rowOf(this.#features[at] as number);
        if (row >= 0) this.#features[kept++] = row;
      }
      this.#clauseStarts[clause + 1] = kept;
    }
    this.#used = kept;
  }

  /** Every feature with the number of texts that have it, the most frequent first. */
  frequencies(): (readonly [feature: number, texts: number])[] {
    const found = new Map<number, { texts: number; last: TextId }>();
    for (let text = 0; text < this.size; text++) {
      for (const feature of this.featuresOf(this.clausesOf(text))) {
        const seen = found.get(feature);
        if (seen === undefined) found.set(feature, { texts: 1, last: text });
        else if (seen.last !== text) {
          seen.texts++;
          seen.last = text;
        }
      }
    }
    return [...found]
      .map(([feature, { texts }]) => [feature, texts] as const)
      .sort(([, left], [, right]) => right - left);
  }

  #reserve(more: number): void {
    if (this.#used + more <= this.#features.length) return;
    const larger = new Uint32Array(this.#features.length * 2);
    larger.set(this.#features);
    this.#features = larger;
  }
}
