import { createHash } from "node:crypto";
import type { AnswerState } from "../../src/answering/grounded-answer.ts";

/** What is measured of a line, each 0 to 1. */
export const measures = [
  "asExpected",
  "scopeRight",
  "faithful",
  "firstSource",
  "guideFirst",
  "guideInThree",
  "guideMrr10",
  "guideNdcg10",
  "recall10",
  "recall100",
  "mrr10",
  "ndcg10",
] as const;
export type Measure = (typeof measures)[number];

export const measureNames: Readonly<Record<Measure, string>> = {
  asExpected: "answer as expected",
  scopeRight: "rightly answered or rightly declined",
  faithful: "claims with provenance",
  firstSource: "the golden guide is the first source",
  guideFirst: "search: right guide first",
  guideInThree: "search: right guide in three",
  guideMrr10: "search: MRR@10",
  guideNdcg10: "search: nDCG@10",
  recall10: "recall@10",
  recall100: "recall@100",
  mrr10: "MRR@10",
  ndcg10: "nDCG@10",
};

/** Measures that are either met or not: their mean is a share with a Wilson interval. */
export const yesOrNo: ReadonlySet<Measure> = new Set([
  "asExpected",
  "scopeRight",
  "firstSource",
  "guideFirst",
  "guideInThree",
]);

export type Scores = Readonly<Partial<Record<Measure, number>>>;

/** What came of one question. */
export interface EvaluatedLine {
  /** The same question has the same key in every run. */
  readonly key: string;
  readonly topic: string;
  readonly scores: Scores;
  /** Whether the question is one for the union, and what the product took it for; absent where nothing was answered. */
  readonly scope?: { readonly ours: boolean; readonly state: AnswerState };
  /** Claims of the answer, and how many of them have a provenance. */
  readonly claims?: { readonly all: number; readonly borneOut: number };
}

export interface EvaluatedSuite {
  readonly name: string;
  readonly lines: readonly EvaluatedLine[];
}

/** A line's key: its id, and a part of the question's hash, so that a reworded question is another one. */
export const keyOf = (id: string, question: string) =>
  `${id}#${createHash("sha256").update(question).digest("hex").slice(0, 6)}`;

/** Mean of a measure over the lines that have it; undefined where none has. */
export function meanOf(
  lines: readonly EvaluatedLine[],
  measure: Measure,
): { readonly mean: number; readonly count: number } | undefined {
  const values = lines.flatMap(({ scores }) => scores[measure] ?? []);
  if (values.length === 0) return undefined;
  return { mean: values.reduce((sum, value) => sum + value, 0) / values.length, count: values.length };
}

/** How well it is told which questions are the union's and can be answered. */
export interface Abstention {
  /** Questions that are not the union's, and how many of them were declined. */
  readonly foreign: number;
  readonly foreignDeclined: number;
  /** All that were declined, by "not ours" or "not known". */
  readonly declined: number;
  /** Questions of the union, and how many of them were called out of scope. */
  readonly ours: number;
  readonly turnedAway: number;
}

export function abstentionOf(lines: readonly EvaluatedLine[]): Abstention {
  const judged = lines.flatMap(({ scope }) => scope ?? []);
  const foreign = judged.filter(({ ours }) => !ours);
  const own = judged.filter(({ ours }) => ours);
  return {
    foreign: foreign.length,
    foreignDeclined: foreign.filter(({ state }) => isDeclined(state)).length,
    declined: judged.filter(({ state }) => isDeclined(state)).length,
    ours: own.length,
    turnedAway: own.filter(({ state }) => state === "out_of_scope").length,
  };
}

export const isDeclined = (state: AnswerState) => state === "out_of_scope" || state === "nothing_found";
