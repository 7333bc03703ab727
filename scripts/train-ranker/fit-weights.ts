import { featureNames } from "../../src/knowledge/retrieval/second-stage/features.ts";
import { isOwnText, type RankWeights } from "../../src/knowledge/retrieval/second-stage/rank-rows.ts";
import { Random } from "../train-embedder/random.ts";
import type { GatheredQuestion } from "./ranked-questions.ts";

const steps = 1_500;
const batch = 64;
const rate = 0.02;
/** Pull of every weight towards 0, on the scale of features with deviation 1. */
const decay = 0.01;

interface Example {
  readonly rows: Float64Array;
  readonly right: readonly boolean[];
  /** Whether each right row must win, or one of them. */
  readonly each: boolean;
}

/**
 * Fits both models together by softmax over the candidates of each question (ListNet's top-one loss, Cao et al. 2007).
 * Of a legal question each right article is wanted, of a worker's question one passage of the right guide. Both kinds
 * of questions count the same.
 */
export function fitWeights(
  legal: readonly GatheredQuestion[],
  golden: readonly GatheredQuestion[],
  seed: number,
): RankWeights {
  const usable = (questions: readonly GatheredQuestion[]) =>
    questions
      .filter(({ right }) => right.includes(true))
      .map(({ rows, right }) => ({ rows: apart(rows), right }));
  const kinds = [usable(legal), usable(golden)];
  const { means, deviations } = spreadOf(kinds.flat());
  const examples = kinds.map((questions, kind) =>
    questions.map(
      ({ rows, right }): Example => ({
        rows: standardise(rows, means, deviations),
        right,
        each: kind === 0,
      }),
    ),
  );
  const random = new Random(seed);
  const weights = new Float64Array(width);
  const adam = { mean: new Float64Array(width), square: new Float64Array(width) };
  for (let step = 1; step <= steps; step++) {
    const gradient = weights.map((weight) => decay * weight);
    for (let i = 0; i < batch; i++) addGradient(random.pick(examples[i % 2] as Example[]), weights, gradient);
    for (let i = 0; i < width; i++) {
      const slope = gradient[i] as number;
      const mean = 0.9 * (adam.mean[i] as number) + 0.1 * slope;
      const square = 0.999 * (adam.square[i] as number) + 0.001 * slope * slope;
      adam.mean[i] = mean;
      adam.square[i] = square;
      const corrected = Math.sqrt(square / (1 - 0.999 ** step)) + 1e-8;
      const slowing = 0.525 + 0.475 * Math.cos((Math.PI * step) / steps);
      weights[i] = (weights[i] as number) - (slowing * rate * (mean / (1 - 0.9 ** step))) / corrected;
    }
  }
  const plain = weights.map((weight, i) => weight / (deviations[i] as number));
  return { rules: plain.slice(0, width / 2), guides: plain.slice(width / 2), constant: 0 };
}

/** Features of rules stand in the first half of a row, those of guides and local data in the second. */
const width = 2 * featureNames.length;

function apart(rows: Float32Array): Float64Array {
  const half = featureNames.length;
  const wide = new Float64Array(rows.length * 2);
  for (let start = 0; start < rows.length; start += half) {
    const shift = isOwnText(rows, start) ? half : 0;
    wide.set(rows.subarray(start, start + half), 2 * start + shift);
  }
  return wide;
}

function addGradient({ rows, right, each }: Example, weights: Float64Array, gradient: Float64Array): void {
  const scores = right.map((_, row) => dot(rows, row * width, weights));
  const best = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - best));
  const all = powers.reduce((sum, power) => sum + power, 0);
  const rightPower = powers.reduce((sum, power, row) => sum + (right[row] ? power : 0), 0);
  const rights = right.filter(Boolean).length;
  for (const [row, power] of powers.entries()) {
    const target = right[row] ? (each ? 1 / rights : power / rightPower) : 0;
    const slope = (power / all - target) / batch;
    for (let i = 0; i < width; i++)
      gradient[i] = (gradient[i] as number) + slope * (rows[row * width + i] as number);
  }
}

function spreadOf(questions: readonly { readonly rows: Float64Array }[]) {
  const means = new Float64Array(width);
  const squares = new Float64Array(width);
  let count = 0;
  for (const { rows } of questions) {
    for (let at = 0; at < rows.length; at++) {
      const value = rows[at] as number;
      means[at % width] = (means[at % width] as number) + value;
      squares[at % width] = (squares[at % width] as number) + value * value;
    }
    count += rows.length / width;
  }
  for (let i = 0; i < width; i++) means[i] = (means[i] as number) / count;
  // A feature that never changes says nothing, and its weight stays 0.
  const deviations = squares.map(
    (sum, i) => Math.sqrt(Math.max(0, sum / count - (means[i] as number) ** 2)) || 1,
  );
  return { means, deviations };
}

function standardise(rows: Float64Array, means: Float64Array, deviations: Float64Array): Float64Array {
  return rows.map(
    (value, at) => (value - (means[at % width] as number)) / (deviations[at % width] as number),
  );
}

function dot(rows: Float64Array, start: number, weights: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += (rows[start + i] as number) * (weights[i] as number);
  return sum;
}
