import {
  type KindWeights,
  loadRankWeights,
  type RankWeights,
  scoreRows,
} from "../../src/knowledge/retrieval/second-stage/rank-rows.ts";
import type { GatheredQuestion } from "./ranked-questions.ts";

/** Recall among the first 10 and 100, and mean reciprocal rank among the first 10; all 0 to 1. */
export function measure(
  questions: readonly GatheredQuestion[],
  weights: RankWeights = loadRankWeights(),
): Record<string, number> {
  let recall10 = 0;
  let recall100 = 0;
  let mrr10 = 0;
  for (const { rows, right, wanted } of questions) {
    const ranked = inOrder(rows, weights).map(({ row }) => right[row] === true);
    const found = (depth: number) => Math.min(1, ranked.slice(0, depth).filter(Boolean).length / wanted);
    recall10 += found(10);
    recall100 += found(100);
    const first = ranked.indexOf(true);
    if (first >= 0 && first < 10) mrr10 += 1 / (first + 1);
  }
  const count = questions.length;
  return { recall10: recall10 / count, recall100: recall100 / count, mrr10: mrr10 / count };
}

export function report(name: string, scores: Readonly<Record<string, number>>): void {
  const shown = Object.entries(scores).map(([measure, score]) => `${measure} ${score.toFixed(3)}`);
  console.log(`${name}: ${shown.join("  ")}`);
}

/** Mean score of the best and of the tenth candidate of a worker's question: what answering's thresholds rest on. */
const scale = { best: 1.1, tenth: 0.55 };

/** The same order on the scale of `scale`. */
export function toScale(weights: RankWeights, questions: readonly GatheredQuestion[]): RankWeights {
  const scores = questions.map(({ rows }) => inOrder(rows, weights).map(({ score }) => score));
  const mean = (place: number) =>
    scores.reduce((sum, ranked) => sum + (ranked[place] ?? ranked.at(-1) ?? 0), 0) / scores.length;
  const factor = (scale.best - scale.tenth) / (mean(0) - mean(9));
  const scaled = (kind: KindWeights) => ({ ...kind, linear: kind.linear.map((weight) => weight * factor) });
  return {
    rules: scaled(weights.rules),
    guides: scaled(weights.guides),
    biases: weights.biases,
    units: weights.units.map((weight) => weight * factor),
    constant: scale.best + (weights.constant - mean(0)) * factor,
  };
}

function inOrder(rows: Float32Array, weights: RankWeights): { row: number; score: number }[] {
  return [...scoreRows(rows, weights)]
    .map((score, row) => ({ row, score }))
    .sort((left, right) => right.score - left.score || left.row - right.row);
}
