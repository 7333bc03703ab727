import type { Example, PairSource, TrainingMix } from "./pair-sources.ts";
import type { Random } from "./random.ts";
import { featuresPerText, type SharedModel } from "./shared-model.ts";
import type { ClauseRange, TextStore } from "./text-store.ts";

/** A feature is left out of a text this often, so that no answer hangs on one word. */
const dropout = 0.4;
const attempts = 30;
/** Of a longer text the rest is not read. */
const mostFeatures = 4_096;

/** Mixes batches from the sources and writes them where the threads read them. */
export class BatchSampler {
  readonly #store: TextStore;
  readonly #mix: TrainingMix;
  readonly #occurrences: Uint16Array;
  readonly #found = new Int32Array(mostFeatures);

  constructor(store: TextStore, mix: TrainingMix, buckets: number) {
    this.#store = store;
    this.#mix = mix;
    this.#occurrences = new Uint16Array(buckets);
  }

  /** Draws a whole batch. */
  sample(model: SharedModel, random: Random): void {
    const { pairs, distractors } = model.shape;
    const taken = new Set<string | number>();
    const examples: Example[] = [];
    while (examples.length < pairs) {
      const example = this.#draw(random, taken);
      for (const key of example.keys) taken.add(key);
      examples.push(example);
    }
    model.starts[0] = 0;
    for (const [i, { left }] of examples.entries()) this.#write(model, i, left, random);
    for (const [i, { right }] of examples.entries()) this.#write(model, pairs + i, right, random);
    for (let i = 0; i < distractors; ) {
      const { text, key } = this.#mix.drawDistractor(random);
      if (taken.has(key)) continue;
      this.#write(model, 2 * pairs + i, [text], random);
      i++;
    }
  }

  #draw(random: Random, taken: ReadonlySet<string | number>): Example {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const source = this.#sourceAt(random.next());
      const example = source.draw(random);
      const filled = [example.left, example.right].every((ranges) =>
        ranges.some(({ start, end }) => end > start),
      );
      if (filled && !example.keys.some((key) => taken.has(key))) return example;
    }
    throw new Error("The training texts are too few for a batch of this size");
  }

  /** The source whose share of the numbers from 0 to 1 holds this one. */
  #sourceAt(place: number): PairSource {
    let end = 0;
    for (const source of this.#mix.sources) {
      end += source.share;
      if (place < end) return source;
    }
    return this.#mix.sources[0] as PairSource;
  }

  /** Writes a text's features without repeats; of a long text a random part. */
  #write(model: SharedModel, text: number, ranges: readonly ClauseRange[], random: Random): void {
    const { starts, features, counts } = model;
    let found = 0;
    for (const range of ranges) {
      for (const feature of this.#store.featuresOf(range)) {
        const before = this.#occurrences[feature] as number;
        if (before === 0 && found === this.#found.length) continue;
        if (before === 0) this.#found[found++] = feature;
        this.#occurrences[feature] = before + 1;
      }
    }
    const start = starts[text] as number;
    const share = found > 3 ? Math.min(1 - dropout, featuresPerText / found) : 1;
    let end = start;
    for (let i = 0; i < found; i++) {
      const feature = this.#found[i] as number;
      const count = this.#occurrences[feature] as number;
      this.#occurrences[feature] = 0;
      if (random.next() >= share || end - start === featuresPerText) continue;
      features[end] = feature;
      counts[end] = Math.sqrt(count);
      end++;
    }
    starts[text + 1] = end;
  }
}
