import type { GroundedAnswer } from "../../src/answering/grounded-answer.ts";
import type { GoldenLine } from "./golden-lines.ts";

/** Whether an answer is what the line expects. */
export function isExpected({ kind, expect }: GoldenLine, answer: GroundedAnswer): boolean {
  switch (kind) {
    case "fact":
      return answer.state === "grounded" && expect.test(answer.text);
    case "handoff":
      return answer.handOver === "started";
    default:
      return answer.state === kind;
  }
}

/** One line for a miss: what was asked, what was expected, what came. */
export function describeMiss(
  { id, question, kind, expect, guide }: GoldenLine,
  { state, handOver, citations }: GroundedAnswer,
): string {
  const wanted = kind === "fact" ? `/${expect.source}/` : kind;
  const from = guide === undefined ? "" : ` from ${guide}`;
  const came = handOver === "none" ? state : `${state}, ${handOver}`;
  return `${id}  ${question}\n    expected ${wanted}${from}; came ${came}, first source ${citations[0]?.document ?? "none"}`;
}
