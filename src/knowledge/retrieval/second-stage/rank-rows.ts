import { readFileSync } from "node:fs";
import { z } from "zod";
import { AppError } from "../../../errors.ts";
import { featureNames } from "./features.ts";

const weightsFile = new URL("./weights.json", import.meta.url);
const width = featureNames.length;
const row = z.array(z.number()).length(width);
const kind = z.object({ linear: z.record(z.string(), z.number()), hidden: z.array(row) });
const schema = z.object({
  constant: z.number(),
  rules: kind,
  guides: kind,
  units: z.array(z.object({ bias: z.number(), weight: z.number() })),
});

/** What a kind of text brings: a linear part in the order of `featureNames`, and one row of weights a hidden unit. */
export interface KindWeights {
  readonly linear: Float64Array;
  /** Unit by unit. */
  readonly hidden: Float64Array;
}

/**
 * A linear model with a few hidden units beside it, over the features of a candidate: one for rules, one for what the
 * union wrote itself (guides and local data), with the same units. Trained by `scripts/train-ranker`.
 */
export interface RankWeights {
  readonly rules: KindWeights;
  readonly guides: KindWeights;
  readonly biases: Float64Array;
  /** What each unit weighs in the score. */
  readonly units: Float64Array;
  readonly constant: number;
}

/** Reads the weights that ship with the code. Throws `model.unavailable` where they do not fit the features. */
export function loadRankWeights(file: URL = weightsFile): RankWeights {
  let text: unknown;
  try {
    text = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw refuse("cannot be read", cause);
  }
  const read = schema.safeParse(text);
  if (!read.success) throw refuse("is of a form that this version cannot read", read.error);
  const { rules, guides, units, constant } = read.data;
  for (const { linear, hidden } of [rules, guides]) {
    if (Object.keys(linear).join() !== featureNames.join() || hidden.length !== units.length)
      throw refuse("is of another version");
  }
  const packed = ({ linear, hidden }: typeof rules): KindWeights => ({
    linear: Float64Array.from(featureNames, (name) => linear[name] as number),
    hidden: Float64Array.from(hidden.flat()),
  });
  return {
    rules: packed(rules),
    guides: packed(guides),
    biases: Float64Array.from(units, ({ bias }) => bias),
    units: Float64Array.from(units, ({ weight }) => weight),
    constant,
  };
}

const guide = featureNames.indexOf("guide");
const local = featureNames.indexOf("local");

/** Whether a row is of what the union wrote itself. */
export const isOwnText = (rows: Float32Array, start: number): boolean =>
  rows[start + guide] === 1 || rows[start + local] === 1;

/** One score a row: higher is better. */
export function scoreRows(rows: Float32Array, weights: RankWeights): Float64Array {
  const { biases, units, constant } = weights;
  const scores = new Float64Array(rows.length / width);
  for (let at = 0; at < scores.length; at++) {
    const start = at * width;
    const { linear, hidden } = isOwnText(rows, start) ? weights.guides : weights.rules;
    let score = constant + dot(rows, start, linear, 0);
    for (let unit = 0; unit < units.length; unit++) {
      const input = (biases[unit] as number) + dot(rows, start, hidden, unit * width);
      score += (units[unit] as number) * Math.tanh(input);
    }
    scores[at] = score;
  }
  return scores;
}

function dot(rows: Float32Array, start: number, weights: Float64Array, from: number): number {
  let sum = 0;
  for (let i = 0; i < width; i++) sum += (rows[start + i] as number) * (weights[from + i] as number);
  return sum;
}

function refuse(fault: string, cause?: unknown): AppError {
  const remedy = "restore it with: git checkout -- src/knowledge/retrieval/second-stage";
  return new AppError("model.unavailable", `The ranking's weights.json ${fault}: ${remedy}`, { cause });
}
