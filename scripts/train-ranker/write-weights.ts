import { writeFileSync } from "node:fs";
import { featureNames } from "../../src/knowledge/retrieval/second-stage/features.ts";
import type { KindWeights, RankWeights } from "../../src/knowledge/retrieval/second-stage/rank-rows.ts";

/** Writes weights so that a reader sees which feature weighs what. */
export function writeWeights(
  file: string,
  { rules, guides, biases, units, constant }: RankWeights,
  data: Readonly<Record<string, number>>,
): void {
  const width = featureNames.length;
  const kind = ({ linear, hidden }: KindWeights) => ({
    linear: Object.fromEntries(featureNames.map((name, i) => [name, round(linear[i] ?? 0)])),
    hidden: Array.from(units, (_, unit) =>
      Array.from(hidden.subarray(unit * width, (unit + 1) * width), round),
    ),
  });
  const text = JSON.stringify({
    trainedBy: "scripts/train-ranker/main.ts",
    data,
    constant: round(constant),
    rules: kind(rules),
    guides: kind(guides),
    units: Array.from(units, (weight, unit) => ({ bias: round(biases[unit] ?? 0), weight: round(weight) })),
  });
  writeFileSync(file, `${text}\n`);
}

const round = (value: number) => Math.round(value * 1e4) / 1e4;
