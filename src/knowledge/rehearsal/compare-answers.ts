import { type GoldenQuestion, isExpected } from "./golden-questions.ts";
import type { AnswerGist, ChangedAnswer, Verdict } from "./rehearsal-report.ts";
import type { RehearsedAnswer } from "./rehearser.ts";

/** An answer with what is known of it: for a golden question whether it is right, and from the right guide. */
export interface JudgedAnswer extends RehearsedAnswer {
  readonly met?: boolean;
  /** Whether the first source is the guide that the question names; missing where it names none. */
  readonly fromGuide?: boolean;
}

/** `guideTitle`: the title that the question's guide has in this generation, where it is in it. */
export function judge(
  question: GoldenQuestion,
  answer: RehearsedAnswer,
  guideTitle: string | undefined,
): JudgedAnswer {
  return {
    ...answer,
    met: isExpected(question, answer),
    ...(question.guide === undefined
      ? {}
      : { fromGuide: guideTitle !== undefined && answer.citations[0]?.document === guideTitle }),
  };
}

/**
 * What became of an answer; undefined where it stayed the same. A golden answer that is no longer as expected blocks;
 * one that only came to rest on another source than its guide is worse, and blocks nothing. Of a real question nobody
 * knows the right answer: it is worse where there is none any more.
 */
export function compareAnswers(
  asked: { readonly id?: string; readonly question: string },
  before: JudgedAnswer,
  after: JudgedAnswer,
): ChangedAnswer | undefined {
  const verdict = verdictOf(before, after);
  if (verdict === undefined) return undefined;
  return {
    kind: after.met === undefined ? "real" : "golden",
    ...(asked.id === undefined ? {} : { id: asked.id }),
    question: asked.question,
    verdict,
    blocks: before.met === true && after.met === false,
    before: gistOf(before),
    after: gistOf(after),
  };
}

function verdictOf(before: JudgedAnswer, after: JudgedAnswer): Verdict | undefined {
  const quality = ({ met, fromGuide, state }: JudgedAnswer) =>
    met === undefined ? (state === "grounded" ? 1 : 0) : (met ? 2 : 0) + (fromGuide === true ? 1 : 0);
  const gain = quality(after) - quality(before);
  if (gain !== 0) return gain > 0 ? "better" : "worse";
  return isSame(before, after) ? undefined : "changed";
}

const isSame = (before: RehearsedAnswer, after: RehearsedAnswer) =>
  before.state === after.state &&
  before.handOver === after.handOver &&
  before.text === after.text &&
  sourceOf(before) === sourceOf(after);

function gistOf(answer: JudgedAnswer): AnswerGist {
  const source = sourceOf(answer);
  return {
    state: answer.state,
    ...(source === undefined ? {} : { source }),
    ...(answer.met === undefined ? {} : { met: answer.met }),
  };
}

function sourceOf({ citations: [first] }: RehearsedAnswer): string | undefined {
  if (first === undefined) return undefined;
  return first.section === "" || first.section === first.document
    ? first.document
    : `${first.document} › ${first.section}`;
}
