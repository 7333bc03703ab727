import type { GroundedAnswer } from "../../src/answering/grounded-answer.ts";
import type { GoldenQuestion } from "../../src/knowledge/rehearsal/golden-questions.ts";

/** One line for a miss: what was asked, what was expected, what came. */
export function describeMiss(
  { id, question, kind, expect, guide }: GoldenQuestion,
  { state, handOver, citations }: GroundedAnswer,
): string {
  const wanted = kind === "fact" ? `/${expect.source}/` : kind;
  const from = guide === undefined ? "" : ` from ${guide}`;
  const came = handOver === "none" ? state : `${state}, ${handOver}`;
  return `${id}  ${question}\n    expected ${wanted}${from}; came ${came}, first source ${citations[0]?.document ?? "none"}`;
}
