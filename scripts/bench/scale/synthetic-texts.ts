import { normalise } from "../../../src/knowledge/embedding/embedder.ts";
import { Random } from "../../train-embedder/random.ts";

export interface SyntheticOptions {
  readonly seed: number;
  readonly dimensions: number;
  /** Invented words, drawn by Zipf's law. */
  readonly vocabulary: number;
  /** Subjects: each has words of its own and a place in the vectors' space. */
  readonly topics: number;
  readonly wordsPerChunk: number;
}

export const usualOptions: SyntheticOptions = {
  seed: 20_261_122,
  dimensions: 256,
  vocabulary: 60_000,
  topics: 2_000,
  wordsPerChunk: 60,
};

/** Share of a chunk's words that belong to its subject, and how many words a subject has. */
const topicShare = 0.4;
const topicWords = 120;
/** How far a chunk lies from the middle of its subject, and a question from its chunk, beside a length of 1. */
const spread = 0.8;
const questionSpread = 0.4;
const questionWords = 8;

/**
 * Invented texts and vectors, as many as are wanted, none of them kept: the same number always gives the same chunk.
 * Words are invented too, of Chinese characters, so that no meaning stands behind them; frequent words are as frequent
 * as in real texts.
 */
export class SyntheticTexts {
  readonly #options: SyntheticOptions;
  readonly #words: readonly string[];
  /** Sum of the frequencies of all words up to each. */
  readonly #cumulative: Float64Array;
  readonly #centres: readonly Float32Array[];
  readonly #topics: readonly (readonly string[])[];

  constructor(options: SyntheticOptions = usualOptions) {
    this.#options = options;
    const random = new Random(options.seed);
    this.#words = inventWords(options.vocabulary, random);
    this.#cumulative = new Float64Array(options.vocabulary);
    let sum = 0;
    for (let rank = 0; rank < options.vocabulary; rank++) {
      sum += 1 / (rank + 2.7);
      this.#cumulative[rank] = sum;
    }
    this.#centres = Array.from({ length: options.topics }, () => direction(options.dimensions, random));
    this.#topics = Array.from({ length: options.topics }, () =>
      Array.from({ length: topicWords }, () => random.pick(this.#words)),
    );
  }

  /** The words of a chunk with spaces between them. */
  text(chunk: number): string {
    const random = this.#randomOf(chunk);
    const own = this.#topics[random.below(this.#options.topics)] as readonly string[];
    const words: string[] = [];
    for (let i = 0; i < this.#options.wordsPerChunk; i++)
      words.push(random.next() < topicShare ? random.pick(own) : this.#frequentWord(random));
    return words.join(" ");
  }

  /** Unit vector of a chunk, near the middle of its subject. */
  vector(chunk: number): Float32Array {
    const centre = this.#centres[this.#randomOf(chunk).below(this.#options.topics)] as Float32Array;
    return near(centre, spread, new Random(this.#options.seed ^ Math.imul(chunk + 1, 0x9e3779b1)));
  }

  /** A question that this chunk answers: some of its words, and a vector near its own. */
  question(chunk: number): { text: string; vector: Float32Array } {
    const random = new Random(this.#options.seed ^ Math.imul(chunk + 1, 0x85ebca6b));
    const words = this.text(chunk).split(" ");
    const chosen = Array.from({ length: questionWords }, () => random.pick(words));
    return { text: chosen.join(" "), vector: near(this.vector(chunk), questionSpread, random) };
  }

  #randomOf(chunk: number): Random {
    return new Random(this.#options.seed + Math.imul(chunk + 1, 0xc2b2ae35));
  }

  #frequentWord(random: Random): string {
    const wanted = random.next() * (this.#cumulative.at(-1) as number);
    let low = 0;
    let high = this.#cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#cumulative[middle] as number) < wanted) low = middle + 1;
      else high = middle;
    }
    return this.#words[low] as string;
  }
}

/** Different words of two or three characters out of 3 000. */
function inventWords(count: number, random: Random): string[] {
  const words = new Set<string>();
  const character = () => String.fromCharCode(0x4e00 + random.below(3_000));
  while (words.size < count) words.add(character() + character() + (random.next() < 0.3 ? character() : ""));
  return [...words];
}

/** A random unit vector; sums of three even numbers are near enough to a normal one. */
function direction(dimensions: number, random: Random): Float32Array {
  const vector = new Float32Array(dimensions);
  for (let i = 0; i < dimensions; i++) vector[i] = random.next() + random.next() + random.next() - 1.5;
  return normalise(vector);
}

function near(centre: Float32Array, distance: number, random: Random): Float32Array {
  const vector = direction(centre.length, random);
  for (let i = 0; i < vector.length; i++)
    vector[i] = (centre[i] as number) + distance * (vector[i] as number);
  return normalise(vector);
}
