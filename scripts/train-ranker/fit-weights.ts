import { featureNames } from "../../src/knowledge/retrieval/second-stage/features.ts";
import { isOwnText, type RankWeights } from "../../src/knowledge/retrieval/second-stage/rank-rows.ts";
import { Random } from "../train-embedder/random.ts";
import { Adam } from "./adam.ts";
import type { GatheredQuestion } from "./ranked-questions.ts";

const steps = 1_200;
const batch = 64;
/** Of a batch so many are legal questions; the others are workers' questions. */
const legalShare = 0.6;
const rate = 0.02;
/** Pull of every weight towards 0, on the scale of features with deviation 1. */
const decay = 0.02;
const hiddenUnits = 8;
/** Features of rules stand in the first half of a row, those of guides and local data in the second. */
const half = featureNames.length;
const width = 2 * half;

interface Example {
  readonly rows: Float64Array;
  readonly right: readonly boolean[];
  /** Whether each right row must win, or one of them. */
  readonly each: boolean;
}

/** Parameters on the scale of features with mean 0 and deviation 1. */
interface Network {
  readonly linear: Float64Array;
  /** Unit by unit. */
  readonly hidden: Float64Array;
  readonly biases: Float64Array;
  readonly units: Float64Array;
}

/**
 * Fits the ranking by softmax over the candidates of each question (ListNet's top-one loss, Cao et al. 2007). Of a
 * legal question each right article is wanted, of a worker's question one passage of the right guide.
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
  const spread = spreadOf(kinds.flat());
  const [legalExamples = [], goldenExamples = []] = kinds.map((questions, kind) =>
    questions.map(
      ({ rows, right }): Example => ({ rows: standardise(rows, spread), right, each: kind === 0 }),
    ),
  );
  const random = new Random(seed);
  const network: Network = {
    linear: new Float64Array(width),
    hidden: Float64Array.from({ length: width * hiddenUnits }, () => 0.7 * (random.next() - 0.5)),
    biases: new Float64Array(hiddenUnits),
    units: Float64Array.from({ length: hiddenUnits }, () => 0.7 * (random.next() - 0.5)),
  };
  const optimisers = [network.linear, network.hidden, network.biases, network.units].map(
    (parameters) => new Adam(parameters, decay),
  );
  for (let step = 0; step < steps; step++) {
    const gradient: Network = {
      linear: new Float64Array(width),
      hidden: new Float64Array(width * hiddenUnits),
      biases: new Float64Array(hiddenUnits),
      units: new Float64Array(hiddenUnits),
    };
    for (let i = 0; i < batch; i++) {
      const example = random.pick(random.next() < legalShare ? legalExamples : goldenExamples);
      addGradient(example, network, gradient);
    }
    const slowing = 0.525 + 0.475 * Math.cos((Math.PI * step) / steps);
    const slopes = [gradient.linear, gradient.hidden, gradient.biases, gradient.units];
    for (const [i, slope] of slopes.entries()) optimisers[i]?.step(slope, rate * slowing);
  }
  return onRawFeatures(network, spread);
}

function apart(rows: Float32Array): Float64Array {
  const wide = new Float64Array(rows.length * 2);
  for (let start = 0; start < rows.length; start += half) {
    wide.set(rows.subarray(start, start + half), 2 * start + (isOwnText(rows, start) ? half : 0));
  }
  return wide;
}

function addGradient({ rows, right, each }: Example, network: Network, gradient: Network): void {
  const { linear, hidden, biases, units } = network;
  const active = new Float64Array(right.length * hiddenUnits);
  const scores = right.map((_, row) => {
    let score = dot(rows, row * width, linear, 0);
    for (let unit = 0; unit < hiddenUnits; unit++) {
      const output = Math.tanh((biases[unit] as number) + dot(rows, row * width, hidden, unit * width));
      active[row * hiddenUnits + unit] = output;
      score += (units[unit] as number) * output;
    }
    return score;
  });
  const best = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - best));
  const all = powers.reduce((sum, power) => sum + power, 0);
  const rightPower = powers.reduce((sum, power, row) => sum + (right[row] ? power : 0), 0);
  const rights = right.filter(Boolean).length;
  for (const [row, power] of powers.entries()) {
    const target = right[row] ? (each ? 1 / rights : power / rightPower) : 0;
    const slope = (power / all - target) / batch;
    addScaled(gradient.linear, 0, slope, rows, row * width);
    for (let unit = 0; unit < hiddenUnits; unit++) {
      const output = active[row * hiddenUnits + unit] as number;
      const inner = slope * (units[unit] as number) * (1 - output * output);
      gradient.units[unit] = (gradient.units[unit] as number) + slope * output;
      gradient.biases[unit] = (gradient.biases[unit] as number) + inner;
      addScaled(gradient.hidden, unit * width, inner, rows, row * width);
    }
  }
}

interface Spread {
  readonly means: Float64Array;
  readonly deviations: Float64Array;
}

function spreadOf(questions: readonly { readonly rows: Float64Array }[]): Spread {
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
  // A feature that never changes says nothing, and its weight stays where it began.
  const deviations = squares.map(
    (sum, i) => Math.sqrt(Math.max(0, sum / count - (means[i] as number) ** 2)) || 1,
  );
  return { means, deviations };
}

const standardise = (rows: Float64Array, { means, deviations }: Spread): Float64Array =>
  rows.map((value, at) => (value - (means[at % width] as number)) / (deviations[at % width] as number));

/** The same network for features as they are. */
function onRawFeatures(
  { linear, hidden, biases, units }: Network,
  { means, deviations }: Spread,
): RankWeights {
  const raw = (weights: Float64Array) =>
    weights.map((weight, at) => weight / (deviations[at % width] as number));
  const shift = (weights: Float64Array, from: number) => dot(means, 0, weights, from);
  const rawLinear = raw(linear);
  const rawHidden = raw(hidden);
  const kind = (start: number) => ({
    linear: rawLinear.slice(start, start + half),
    hidden: Float64Array.from(
      Array.from({ length: hiddenUnits }, (_, unit) => [
        ...rawHidden.subarray(unit * width + start, unit * width + start + half),
      ]).flat(),
    ),
  });
  return {
    rules: kind(0),
    guides: kind(half),
    biases: biases.map((bias, unit) => bias - shift(rawHidden, unit * width)),
    units,
    constant: -shift(rawLinear, 0),
  };
}

function addScaled(
  target: Float64Array,
  to: number,
  factor: number,
  rows: Float64Array,
  start: number,
): void {
  for (let i = 0; i < width; i++)
    target[to + i] = (target[to + i] as number) + factor * (rows[start + i] as number);
}

function dot(rows: Float64Array, start: number, weights: Float64Array, from: number): number {
  let sum = 0;
  for (let i = 0; i < width; i++) sum += (rows[start + i] as number) * (weights[from + i] as number);
  return sum;
}
