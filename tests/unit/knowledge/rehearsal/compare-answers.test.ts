import { describe, expect, it } from "vitest";
import { compareAnswers, judge } from "../../../../src/knowledge/rehearsal/compare-answers.ts";
import type { GoldenQuestion } from "../../../../src/knowledge/rehearsal/golden-questions.ts";
import type { RehearsedAnswer } from "../../../../src/knowledge/rehearsal/rehearser.ts";

const line: GoldenQuestion = {
  id: "heat-1",
  question: "高温津贴怎么发",
  kind: "fact",
  expect: /三十五度/u,
  guide: "heat",
  topic: "groups",
};
const answer = (text: string, document = "高温津贴", change: Partial<RehearsedAnswer> = {}) => ({
  state: "grounded",
  handOver: "none",
  text,
  citations: [{ document, section: "规定" }],
  ...change,
});
const right = answer("三十五度以上发放");
const wrong = answer("四十度以上停工");
const golden = (before: RehearsedAnswer, after: RehearsedAnswer) =>
  compareAnswers(line, judge(line, before, "高温津贴"), judge(line, after, "高温津贴"));
const real = (before: RehearsedAnswer, after: RehearsedAnswer) =>
  compareAnswers({ question: "问" }, before, after);

describe("a golden answer", () => {
  it("that is no longer as expected is worse and blocks", () => {
    expect(golden(right, wrong)).toMatchObject({
      kind: "golden",
      id: "heat-1",
      verdict: "worse",
      blocks: true,
    });
  });

  it("that is as expected now is better", () => {
    expect(golden(wrong, right)).toMatchObject({ verdict: "better", blocks: false });
  });

  it("that is still right but rests on another document first is worse and blocks nothing", () => {
    const elsewhere = answer("三十五度以上发放", "安全生产法");
    expect(golden(right, elsewhere)).toMatchObject({
      verdict: "worse",
      blocks: false,
      before: { source: "高温津贴 › 规定", met: true },
      after: { source: "安全生产法 › 规定", met: true },
    });
    expect(golden(elsewhere, right)).toMatchObject({ verdict: "better" });
  });

  it("that was wrong before and is wrong in another way is changed", () => {
    expect(golden(wrong, answer("不清楚"))).toMatchObject({ verdict: "changed", blocks: false });
  });

  it("that stays the same to the letter is none of it", () => {
    expect(golden(right, answer("三十五度以上发放"))).toBeUndefined();
  });

  it("whose guide is in neither generation counts by its text alone", () => {
    const compared = compareAnswers(line, judge(line, right, undefined), judge(line, wrong, undefined));
    expect(compared).toMatchObject({ verdict: "worse", blocks: true });
  });

  it("of another kind than a fact counts by its course", () => {
    const crisis = { ...line, kind: "crisis" as const };
    const calm = judge(crisis, answer("说", "", { state: "crisis", citations: [] }), undefined);
    const cold = judge(crisis, right, undefined);
    expect(compareAnswers(crisis, calm, cold)).toMatchObject({ verdict: "worse", blocks: true });
  });
});

describe("a real answer", () => {
  const none = answer("没有找到", "", { state: "nothing_found", citations: [] });

  it("that is lost is worse, that is found is better, any other is changed", () => {
    expect(real(right, none)).toMatchObject({ kind: "real", verdict: "worse", blocks: false });
    expect(real(none, right)).toMatchObject({ verdict: "better" });
    expect(real(right, wrong)).toMatchObject({ verdict: "changed" });
    expect(real(none, { ...none, state: "out_of_scope" })).toMatchObject({ verdict: "changed" });
    expect(real(right, right)).toBeUndefined();
  });
});
