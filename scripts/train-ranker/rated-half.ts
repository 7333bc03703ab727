import { readFileSync, writeFileSync } from "node:fs";
import { hashFeature } from "../../src/knowledge/embedding/feature-hash.ts";
import { foldOf } from "../train-embedder/folds.ts";
import type { RatedQuestion } from "../train-embedder/read-sources.ts";

/** Whether a question of the training part is kept from the embedder, for training the ranking. */
const isForRanking = (id: string | number) => foldOf(id) === "train" && hashFeature(`half-${id}`) % 2 === 1;

/** The questions that an embedder trained on the other half has not seen. */
export function readRankingHalf(rated: string): RatedQuestion[] {
  return linesOf(rated).flatMap((line) => {
    const question = JSON.parse(line) as RatedQuestion & { id: string | number };
    return isForRanking(question.id) ? [question] : [];
  });
}

/** Writes the other half, for `scripts/train-embedder/main.ts --rated`. */
export function writeEmbedderHalf(rated: string, file: string): void {
  const kept = linesOf(rated).filter(
    (line) => !isForRanking((JSON.parse(line) as { id: string | number }).id),
  );
  writeFileSync(file, `${kept.join("\n")}\n`);
}

const linesOf = (file: string) => readFileSync(file, "utf8").split("\n").filter(Boolean);
