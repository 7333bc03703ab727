import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { holm, signTest } from "./sign-test.ts";
import { type EvaluatedLine, type EvaluatedSuite, type Measure, measures, type Scores } from "./suite.ts";

/** A run that later ones are held against: the scores of every line. */
export interface Baseline {
  /** ISO date of the run. */
  readonly at: string;
  /** What answered: answers of a model are not held against those without one. */
  readonly model: string;
  readonly suites: Readonly<Record<string, Readonly<Record<string, Scores>>>>;
}

/** One measure of a suite over the lines that both runs have. */
export interface Comparison {
  readonly suite: string;
  readonly measure: Measure;
  readonly lines: number;
  readonly before: number;
  readonly after: number;
  readonly worse: number;
  readonly better: number;
  /** Probability of such a loss by chance. */
  readonly probability: number;
  /** The loss is more than chance explains. */
  readonly isDrop: boolean;
}

/** Level at which a suite counts as worse; its measures share it. */
export const level = 0.05;

/**
 * Measures that are tested. The others follow from the same ranks: testing them too would only make the test of these
 * weaker.
 */
const tested: ReadonlySet<Measure> = new Set([
  "asExpected",
  "scopeRight",
  "faithful",
  "firstSource",
  "guideFirst",
  "guideInThree",
  "recall10",
  "recall100",
  "mrr10",
]);

export function compareWithBaseline(
  suites: readonly EvaluatedSuite[],
  baseline: Baseline,
  model: string,
): Comparison[] {
  if (baseline.model !== model) return [];
  return suites.flatMap(({ name, lines }) => {
    const before = baseline.suites[name];
    if (before === undefined) return [];
    const compared = measures.flatMap((measure) =>
      tested.has(measure) ? (compareMeasure(name, measure, lines, before) ?? []) : [],
    );
    const drops = holm(
      compared.map(({ probability }) => probability),
      level,
    );
    return compared.map((comparison, i) => ({ ...comparison, isDrop: drops[i] === true }));
  });
}

function compareMeasure(
  suite: string,
  measure: Measure,
  lines: readonly EvaluatedLine[],
  baseline: Readonly<Record<string, Scores>>,
): Omit<Comparison, "isDrop"> | undefined {
  const pairs = lines.flatMap(({ key, scores }) => {
    const before = baseline[key]?.[measure];
    const after = scores[measure];
    return before === undefined || after === undefined ? [] : [{ before, after: rounded(after) }];
  });
  if (pairs.length === 0) return undefined;
  const worse = pairs.filter(({ before, after }) => after < before).length;
  const better = pairs.filter(({ before, after }) => after > before).length;
  const mean = (of: (pair: { before: number; after: number }) => number) =>
    pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length;
  return {
    suite,
    measure,
    lines: pairs.length,
    before: mean(({ before }) => before),
    after: mean(({ after }) => after),
    worse,
    better,
    probability: signTest(worse, better),
  };
}

const rounded = (value: number) => Math.round(value * 10_000) / 10_000;

/** The baseline of a file that `writeBaseline` wrote; undefined where there is none. */
export function readBaseline(file: string): Baseline | undefined {
  if (!existsSync(file)) return undefined;
  const [head = "{}", ...rows] = readFileSync(file, "utf8").trimEnd().split("\n");
  const { at, model } = JSON.parse(head) as Pick<Baseline, "at" | "model">;
  const suites: Record<string, Record<string, Scores>> = {};
  for (const row of rows) {
    const { suite, key, ...scores } = JSON.parse(row) as Scores & { suite: string; key: string };
    suites[suite] ??= {};
    suites[suite][key] = scores;
  }
  return { at, model, suites };
}

/** The suites of this run as a baseline; suites that it did not run keep what stood there. */
export function updateBaseline(
  former: Baseline | undefined,
  suites: readonly EvaluatedSuite[],
  run: { at: string; model: string },
): Baseline {
  const own = suites.map(({ name, lines }) => [
    name,
    Object.fromEntries(lines.map(({ key, scores }) => [key, roundedScores(scores)])),
  ]);
  const kept = former?.model === run.model ? former.suites : {};
  return { ...run, suites: { ...kept, ...Object.fromEntries(own) } };
}

function roundedScores(scores: Scores): Scores {
  return Object.fromEntries(
    measures.flatMap((measure) => {
      const value = scores[measure];
      return value === undefined || !tested.has(measure) ? [] : [[measure, rounded(value)]];
    }),
  );
}

/** JSONL with one line a question, so that a change of a few is a short difference. */
export function writeBaseline(file: string, { at, model, suites }: Baseline): void {
  const rows = Object.entries(suites).flatMap(([suite, lines]) =>
    Object.entries(lines).map(([key, scores]) => ({ suite, key, ...scores })),
  );
  writeFileSync(file, [{ at, model }, ...rows].map((row) => `${JSON.stringify(row)}\n`).join(""));
}
