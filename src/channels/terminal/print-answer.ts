import type { GroundedAnswer } from "../../answering/grounded-answer.ts";
import { plainMessage } from "../../messaging/plain-message.ts";

/** An answer for a person at a terminal: the text, then its sources, one line a document. */
export function printAnswer(answer: GroundedAnswer): string {
  return `${plainMessage({ text: answer.text, answer })}\n`;
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
