import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { wilsonInterval } from "../../../scripts/eval/wilson-interval.ts";
import type { GroundedAnswer } from "../../../src/answering/grounded-answer.ts";
import {
  type GoldenQuestion,
  isExpected,
  readGolden,
} from "../../../src/knowledge/rehearsal/golden-questions.ts";

const folder = mkdtempSync(join(tmpdir(), "niangjia-eval-"));
afterAll(() => rmSync(folder, { recursive: true }));

const answer = (change: Partial<GroundedAnswer>): GroundedAnswer => ({
  state: "grounded",
  text: "每月付二倍工资",
  citations: [],
  provenance: [],
  handOver: "none",
  facts: {},
  missing: [],
  calculation: null,
  ...change,
});
const line = (change: Partial<GoldenQuestion>): GoldenQuestion => ({
  id: "1",
  question: "问",
  kind: "fact",
  expect: /二倍|双倍/u,
  topic: "work",
  ...change,
});

describe("scoring", () => {
  it("a fact counts only when it is grounded and its text matches", () => {
    expect(isExpected(line({}), answer({}))).toBe(true);
    expect(isExpected(line({}), answer({ text: "付工资" }))).toBe(false);
    expect(isExpected(line({}), answer({ state: "nothing_found" }))).toBe(false);
  });

  it("a hand-over counts when it was started, the other courses when the state is theirs", () => {
    expect(isExpected(line({ kind: "handoff" }), answer({ handOver: "started" }))).toBe(true);
    expect(isExpected(line({ kind: "handoff" }), answer({ handOver: "offered" }))).toBe(false);
    expect(isExpected(line({ kind: "crisis" }), answer({ state: "crisis" }))).toBe(true);
    expect(isExpected(line({ kind: "out_of_scope" }), answer({}))).toBe(false);
  });
});

describe("golden files", () => {
  it("a line without kind is a fact of its file's topic, an unknown kind is refused by place", async () => {
    const file = join(folder, "injury.jsonl");
    writeFileSync(
      file,
      '{"id":"a","question":"问","expect":"答","guide":"g"}\n{"message":"二","kind":"crisis"}\n',
    );
    expect(await readGolden(file)).toMatchObject([
      { id: "a", kind: "fact", guide: "g", topic: "injury" },
      { id: "1", question: "二", kind: "crisis" },
    ]);
    writeFileSync(file, '{"id":"a","question":"问","kind":"joke"}\n');
    await expect(readGolden(file)).rejects.toThrow(/1.*kind/u);
  });
});

describe("Wilson's interval", () => {
  it("gives the values of the published formula", () => {
    const near = ({ low, high }: { low: number; high: number }) => [low.toFixed(3), high.toFixed(3)];
    expect(near(wilsonInterval(8, 10))).toEqual(["0.490", "0.943"]);
    expect(near(wilsonInterval(0, 10))).toEqual(["0.000", "0.278"]);
    expect(near(wilsonInterval(21, 21))).toEqual(["0.845", "1.000"]);
    expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 });
  });
});
