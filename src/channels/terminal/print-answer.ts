import type { Citation, GroundedAnswer } from "../../answering/grounded-answer.ts";

/** An answer for a person at a terminal: the text, then its sources, one line a document. */
export function printAnswer(answer: GroundedAnswer): string {
  if (answer.citations.length === 0) return `${answer.text}\n`;
  return `${answer.text}\n\n来源：\n${sourceLines(answer.citations).join("\n")}\n`;
}

/** `[1][2] document：source`, the citations of one document together. */
function sourceLines(citations: readonly Citation[]): string[] {
  const groups = new Map<string, { marks: string; citation: Citation }>();
  for (const citation of citations) {
    const key = `${citation.document}\n${citation.source}`;
    const group = groups.get(key);
    groups.set(key, {
      marks: `${group?.marks ?? ""}[${citation.index}]`,
      citation: group?.citation ?? citation,
    });
  }
  return [...groups.values()].map(
    ({ marks, citation }) => `${marks} ${citation.document}（依据：${citation.source}）`,
  );
}

/** The object that `ask --json` prints for one question. */
export function answerRecord(
  id: string | number,
  question: string,
  answer: GroundedAnswer,
  ms: number,
): Record<string, unknown> {
  const { state, text, citations, provenance, handOver, facts, missing, calculation } = answer;
  return {
    id,
    question,
    state,
    text,
    citations: citations.map(({ document, section, source, quote }) => ({
      document,
      section,
      source,
      quote,
    })),
    provenance,
    handOver,
    facts,
    missing,
    calculation,
    ms: Math.round(ms * 10) / 10,
  };
}
