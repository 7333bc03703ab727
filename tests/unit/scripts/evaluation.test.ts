import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { countClaims } from "../../../scripts/eval/ask-lines.ts";
import {
  compareWithBaseline,
  readBaseline,
  updateBaseline,
  writeBaseline,
} from "../../../scripts/eval/baseline.ts";
import { guideScores, rankingScores } from "../../../scripts/eval/measures.ts";
import { isMessageExpected, type Label } from "../../../scripts/eval/real-messages.ts";
import { describeDrops, reportOf } from "../../../scripts/eval/report.ts";
import { holm, signTest } from "../../../scripts/eval/sign-test.ts";
import { abstentionOf, type EvaluatedLine, keyOf, type Scores } from "../../../scripts/eval/suite.ts";
import type { AnswerState, HandOverState } from "../../../src/answering/grounded-answer.ts";

const folder = mkdtempSync(join(tmpdir(), "niangjia-evaluation-"));
afterAll(() => rmSync(folder, { recursive: true }));

const lines = (...scores: Scores[]): EvaluatedLine[] =>
  scores.map((own, i) => ({ key: `q${i}`, topic: "work", scores: own }));
const asExpected = (...values: number[]) => lines(...values.map((value) => ({ asExpected: value })));
const repeat = (count: number, value: number) => Array.from({ length: count }, () => value);
const run = { at: "2026-11-22T03:00:00.000Z", model: "none" };

describe("measures of a ranking", () => {
  it("two of three relevant ones at the second and the twelfth place", () => {
    const found = [9, 1, ...Array.from({ length: 9 }, (_, i) => 20 + i), 2];
    const { recall10, recall100, mrr10, ndcg10 } = rankingScores(found, new Set([1, 2, 3]));
    expect([recall10, recall100, mrr10]).toEqual([1 / 3, 2 / 3, 1 / 2]);
    const best = 1 + 1 / Math.log2(3) + 1 / 2;
    expect(ndcg10).toBeCloseTo(1 / Math.log2(3) / best, 10);
  });

  it("a guide at the third place is in three, not first", () => {
    expect(guideScores(["a", "b", "c"], "c")).toEqual({
      guideFirst: 0,
      guideInThree: 1,
      guideMrr10: 1 / 3,
      guideNdcg10: 1 / 2,
    });
    expect(guideScores([], "c").guideNdcg10).toBe(0);
  });
});

describe("claims of an answer", () => {
  it("a claim without provenance counts against the answer", () => {
    const text = "依照第八十二条，每月付二倍工资，共11个月。";
    const provenance = [{ claim: "第八十二条", origin: "passage", reference: "1" } as const];
    const { all, borneOut } = countClaims({ text, provenance });
    expect(borneOut).toBe(1);
    expect(all).toBeGreaterThan(1);
  });
});

describe("real messages", () => {
  const judged = (label: Label, state: AnswerState, handOver: HandOverState) =>
    isMessageExpected({ label }, { state, handOver });

  it("a dispute wants a person offered, a question must not start one, the rest is out of scope", () => {
    expect(judged("dispute", "grounded", "offered")).toBe(true);
    expect(judged("dispute", "grounded", "started")).toBe(true);
    expect(judged("dispute", "grounded", "none")).toBe(false);
    expect(judged("question", "grounded", "offered")).toBe(true);
    expect(judged("question", "grounded", "started")).toBe(false);
    expect(judged("question", "out_of_scope", "none")).toBe(false);
    expect(judged("out_of_scope", "out_of_scope", "none")).toBe(true);
    expect(judged("out_of_scope", "nothing_found", "offered")).toBe(false);
  });

  it("abstention counts what was declined, and whom it met", () => {
    const line = (ours: boolean, state: AnswerState): EvaluatedLine => ({
      key: "",
      topic: "",
      scores: {},
      scope: { ours, state },
    });
    expect(
      abstentionOf([
        line(false, "out_of_scope"),
        line(false, "grounded"),
        line(true, "nothing_found"),
        line(true, "out_of_scope"),
        line(true, "grounded"),
      ]),
    ).toEqual({ foreign: 2, foreignDeclined: 1, declined: 3, ours: 3, turnedAway: 1 });
  });
});

describe("the sign test", () => {
  it("gives the binomial probabilities", () => {
    expect(signTest(0, 0)).toBe(1);
    expect(signTest(5, 0)).toBeCloseTo(1 / 32, 12);
    expect(signTest(8, 2)).toBeCloseTo(56 / 1024, 12);
    expect(signTest(2, 8)).toBeCloseTo(1013 / 1024, 12);
    expect(signTest(600, 500)).toBeCloseTo(0.0014, 3);
  });

  it("Holm: the first that does not hold ends it, however small the rest", () => {
    expect(holm([0.03, 0.001, 0.026], 0.05)).toEqual([false, true, false]);
    expect(holm([0.03, 0.001, 0.024], 0.05)).toEqual([true, true, true]);
    expect(holm([0.01, 0.04], 0.05)).toEqual([true, true]);
    expect(holm([], 0.05)).toEqual([]);
  });
});

describe("against the last run", () => {
  const before = { name: "golden", lines: asExpected(...repeat(40, 1)) };
  const baseline = updateBaseline(undefined, [before], run);

  it("six of forty lost is a drop, four are noise, as many gained as lost too", () => {
    const dropOf = (...values: number[]) =>
      compareWithBaseline([{ name: "golden", lines: asExpected(...values) }], baseline, "none").map(
        ({ isDrop, worse }) => ({ isDrop, worse }),
      );
    expect(dropOf(...repeat(6, 0), ...repeat(34, 1))).toEqual([{ isDrop: true, worse: 6 }]);
    expect(dropOf(...repeat(4, 0), ...repeat(36, 1))).toEqual([{ isDrop: false, worse: 4 }]);
    const mixed = updateBaseline(
      undefined,
      [{ name: "golden", lines: asExpected(...repeat(6, 1), ...repeat(6, 0)) }],
      run,
    );
    const turned = [{ name: "golden", lines: asExpected(...repeat(6, 0), ...repeat(6, 1)) }];
    expect(compareWithBaseline(turned, mixed, "none")[0]).toMatchObject({
      worse: 6,
      better: 6,
      isDrop: false,
    });
  });

  it("lines, suites and models that only one run has are not compared", () => {
    const other = [{ name: "golden", lines: [{ key: "new", topic: "", scores: { asExpected: 0 } }] }];
    expect(compareWithBaseline(other, baseline, "none")).toEqual([]);
    expect(compareWithBaseline([{ ...before, name: "blind" }], baseline, "none")).toEqual([]);
    expect(compareWithBaseline([before], baseline, "a model")).toEqual([]);
  });

  it("a reworded question is another line", () => {
    expect(keyOf("1", "问")).not.toBe(keyOf("1", "另问"));
    expect(keyOf("1", "问")).toBe(keyOf("1", "问"));
  });

  it("a baseline is read as it was written, and keeps suites that a run has not", () => {
    const file = join(folder, "baseline.jsonl");
    expect(readBaseline(file)).toBeUndefined();
    writeBaseline(file, baseline);
    expect(readBaseline(file)).toEqual(baseline);
    const next = updateBaseline(readBaseline(file), [{ name: "blind", lines: asExpected(1) }], run);
    expect(Object.keys(next.suites)).toEqual(["golden", "blind"]);
  });
});

describe("the report", () => {
  it("says values with their intervals, what was skipped, and what fell", () => {
    const suites = [
      {
        name: "golden",
        lines: [
          ...asExpected(...repeat(6, 0), ...repeat(2, 1)).map((line) => ({
            ...line,
            scope: { ours: true, state: "grounded" as const },
            claims: { all: 2, borneOut: 2 },
          })),
        ],
      },
    ];
    const former = updateBaseline(undefined, [{ name: "golden", lines: asExpected(...repeat(8, 1)) }], run);
    const comparisons = compareWithBaseline(suites, former, "none");
    expect(describeDrops(comparisons)).toEqual([
      "golden: answer as expected fell from 1.000 to 0.250 (6 lines worse, 0 better)",
    ]);
    expect(
      describeDrops(compareWithBaseline(suites, updateBaseline(undefined, suites, run), "none")),
    ).toEqual([]);
    const { markdown, charts } = reportOf({
      ...run,
      suites,
      comparisons,
      skipped: ["STARD: skipped"],
    });
    expect(markdown).toContain("| golden: answer as expected | 8 | 25.0 % | 7.1–59.1 |");
    expect(markdown).toContain("| golden: claims with provenance | 16 claims | 100.0 % |");
    expect(markdown).toContain("- STARD: skipped");
    expect(markdown).toMatch(/answer as expected \| 8 \| 1\.000 \| 0\.250 \| 6 \/ 0 \| 0\.016 \| DROP/u);
    expect(charts["answers.svg"]).toContain("25.0 % of 8");
  });

  it("shows what a search over articles finds, by subject", () => {
    const found = { recall10: 0.5, recall100: 1, mrr10: 0.25, ndcg10: 0.3 };
    const suites = [{ name: "STARD", lines: [{ key: "1", topic: "labour law", scores: found }] }];
    const { markdown } = reportOf({ ...run, suites, comparisons: undefined, skipped: [] });
    expect(markdown).toContain("| labour law | 1 | 0.500 | 1.000 | 0.250 | 0.300 |");
    expect(markdown).toContain("No former run");
  });
});
