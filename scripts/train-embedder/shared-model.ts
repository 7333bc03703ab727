import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { featureBuckets } from "../../src/knowledge/embedding/text-features.ts";
import { Random } from "./random.ts";

export interface ModelShape {
  readonly dimensions: number;
  /** Pairs in a batch. */
  readonly pairs: number;
  /** Further texts in a batch that answer no question of it. */
  readonly distractors: number;
  readonly threads: number;
}

/** Most features that one text brings into a batch. */
export const featuresPerText = 224;

/** Everything that the threads share: the model, the state of its optimiser and the batch in work. */
export interface SharedModel {
  readonly shape: ModelShape;
  readonly rows: Float32Array;
  /** Natural logarithm of what a feature's learned weight is in excess of its rarity. */
  readonly weights: Float32Array;
  readonly rarity: Float32Array;
  /** Mean square of each row's gradients, and of each weight's. */
  readonly rowSquares: Float32Array;
  readonly weightSquares: Float32Array;
  /** How often each row was changed. */
  readonly rowSteps: Float32Array;
  /** Start of each text's features in `features`: questions, their texts, then distractors. */
  readonly starts: Int32Array;
  readonly features: Int32Array;
  readonly counts: Float32Array;
  /** Unit vectors of the batch, their gradients, and the lengths before normalisation. */
  readonly units: Float32Array;
  readonly gradients: Float32Array;
  readonly lengths: Float32Array;
  /** Similarities of questions and texts, then their gradients. */
  readonly similarities: Float32Array;
  readonly columnSums: Float32Array;
  readonly rowLosses: Float32Array;
  readonly barrier: Int32Array;
  /** The learning rate of the step. */
  readonly control: Float32Array;
}

const optimised = ["rows", "weights", "rowSquares", "weightSquares", "rowSteps"] as const;

export function createSharedModel(shape: ModelShape): SharedModel {
  const floats = (length: number) => new Float32Array(new SharedArrayBuffer(length * 4));
  const ints = (length: number) => new Int32Array(new SharedArrayBuffer(length * 4));
  const { dimensions, pairs, distractors } = shape;
  const texts = 2 * pairs + distractors;
  return {
    shape,
    rows: floats(featureBuckets * dimensions),
    weights: floats(featureBuckets),
    rarity: floats(featureBuckets),
    rowSquares: floats(featureBuckets),
    weightSquares: floats(featureBuckets),
    rowSteps: floats(featureBuckets),
    starts: ints(texts + 1),
    features: ints(texts * featuresPerText),
    counts: floats(texts * featuresPerText),
    units: floats(texts * dimensions),
    gradients: floats(texts * dimensions),
    lengths: floats(texts),
    similarities: floats(pairs * (pairs + distractors)),
    columnSums: floats(pairs + distractors),
    rowLosses: floats(pairs),
    barrier: ints(2),
    control: floats(1),
  };
}

/** Random rows; a feature's starting weight is how rare it is. */
export function initialise(model: SharedModel, rarity: Float32Array, seed: number): void {
  const random = new Random(seed);
  // Even numbers of this width give rows of length 1 on average.
  const width = 2 * Math.sqrt(3 / model.shape.dimensions);
  for (let i = 0; i < model.rows.length; i++) model.rows[i] = (random.next() - 0.5) * width;
  model.rarity.set(rarity);
}

const checkpointName = "checkpoint.bin";

/** Writes the model and the optimiser's state; the former checkpoint stays until the new one is whole. */
export function saveCheckpoint(model: SharedModel, folder: string, step: number): void {
  mkdirSync(folder, { recursive: true });
  const file = openSync(join(folder, `${checkpointName}.new`), "w");
  writeSync(file, Float64Array.of(step));
  for (const name of optimised) {
    const bytes = new Uint8Array(model[name].buffer);
    for (let at = 0; at < bytes.length; )
      at += writeSync(file, bytes, at, Math.min(1 << 28, bytes.length - at));
  }
  closeSync(file);
  renameSync(join(folder, `${checkpointName}.new`), join(folder, checkpointName));
}

/** Reads the last checkpoint into the model and returns its step; 0 where there is none. */
export function loadCheckpoint(model: SharedModel, folder: string): number {
  const path = join(folder, checkpointName);
  if (!existsSync(path)) return 0;
  const file = openSync(path, "r");
  const head = new Float64Array(1);
  readSync(file, head);
  for (const name of optimised) {
    const bytes = new Uint8Array(model[name].buffer);
    for (let at = 0; at < bytes.length; ) {
      const read = readSync(file, bytes, at, Math.min(1 << 28, bytes.length - at), null);
      if (read === 0)
        throw new Error(`${path} is cut short or of another dimension: delete it to start anew`);
      at += read;
    }
  }
  closeSync(file);
  return head[0] as number;
}

/** Remembers the command of a run beside its checkpoint; a run goes on only with the same settings. */
export function checkSettings(folder: string, settings: object): void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "settings.json");
  const text = `${JSON.stringify(settings, null, 2)}\n`;
  if (existsSync(path) && readFileSync(path, "utf8") !== text) {
    throw new Error(`${path} holds another run's settings: choose another folder or delete it`);
  }
  writeFileSync(path, text);
}
