import { readFileSync } from "node:fs";
import { z } from "zod";
import { AppError } from "../../../errors.ts";
import { featureNames } from "./features.ts";

const weightsFile = new URL("./weights.json", import.meta.url);
const schema = z.object({ weights: z.record(z.string(), z.number()), constant: z.number() });

/** A linear model over the features of a candidate; trained by `scripts/train-ranker`. */
export interface RankWeights {
  /** In the order of `featureNames`. */
  readonly weights: Float64Array;
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
  const { weights, constant } = read.data;
  if (Object.keys(weights).join() !== featureNames.join()) throw refuse("is of another version");
  return { weights: Float64Array.from(featureNames, (name) => weights[name] as number), constant };
}

/** One score a row: higher is better. */
export function scoreRows(rows: Float32Array, { weights, constant }: RankWeights): Float64Array {
  const scores = new Float64Array(rows.length / weights.length);
  for (let row = 0; row < scores.length; row++) {
    let sum = constant;
    for (let i = 0; i < weights.length; i++)
      sum += (rows[row * weights.length + i] as number) * (weights[i] as number);
    scores[row] = sum;
  }
  return scores;
}

function refuse(fault: string, cause?: unknown): AppError {
  const remedy = "restore it with: git checkout -- src/knowledge/retrieval/second-stage";
  return new AppError("model.unavailable", `The ranking's weights.json ${fault}: ${remedy}`, { cause });
}
