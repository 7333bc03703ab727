import { readFileSync } from "node:fs";
import { z } from "zod";
import { AppError } from "../../../errors.ts";
import { featureNames } from "./features.ts";

const weightsFile = new URL("./weights.json", import.meta.url);
const record = z.record(z.string(), z.number());
const schema = z.object({ rules: record, guides: record, constant: z.number() });

/**
 * Two linear models over the features of a candidate: for rules, and for what the union wrote itself (guides and local
 * data). Trained by `scripts/train-ranker`.
 */
export interface RankWeights {
  /** In the order of `featureNames`. */
  readonly rules: Float64Array;
  readonly guides: Float64Array;
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
  const { rules, guides, constant } = read.data;
  if ([rules, guides].some((weights) => Object.keys(weights).join() !== featureNames.join()))
    throw refuse("is of another version");
  const inOrder = (weights: Readonly<Record<string, number>>) =>
    Float64Array.from(featureNames, (name) => weights[name] as number);
  return { rules: inOrder(rules), guides: inOrder(guides), constant };
}

const guide = featureNames.indexOf("guide");
const local = featureNames.indexOf("local");

/** Whether a row is of what the union wrote itself. */
export const isOwnText = (rows: Float32Array, start: number): boolean =>
  rows[start + guide] === 1 || rows[start + local] === 1;

/** One score a row: higher is better. */
export function scoreRows(rows: Float32Array, { rules, guides, constant }: RankWeights): Float64Array {
  const width = featureNames.length;
  const scores = new Float64Array(rows.length / width);
  for (let row = 0; row < scores.length; row++) {
    const start = row * width;
    const weights = isOwnText(rows, start) ? guides : rules;
    let sum = constant;
    for (let i = 0; i < width; i++) sum += (rows[start + i] as number) * (weights[i] as number);
    scores[row] = sum;
  }
  return scores;
}

function refuse(fault: string, cause?: unknown): AppError {
  const remedy = "restore it with: git checkout -- src/knowledge/retrieval/second-stage";
  return new AppError("model.unavailable", `The ranking's weights.json ${fault}: ${remedy}`, { cause });
}
