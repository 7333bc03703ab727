import { setImmediate } from "node:timers/promises";
import { compareAnswers, judge } from "./compare-answers.ts";
import type { GoldenQuestion } from "./golden-questions.ts";
import { type ChangedAnswer, mostListed, type RehearsalReport, verdicts } from "./rehearsal-report.ts";
import type { Ask } from "./rehearser.ts";

/** One generation on the stage. */
export interface RehearsedSide {
  readonly ask: Ask;
  /** The same for golden questions, whose answers may be remembered. */
  readonly askGolden: Ask;
  /** The title of a document, by its id; undefined where the generation has none. */
  readonly titleOf: (documentId: string) => string | undefined;
}

export interface RehearsalInput {
  readonly golden: readonly GoldenQuestion[];
  readonly real: readonly string[];
  /** The generation that serves; undefined where it cannot be asked. */
  readonly before?: RehearsedSide;
  readonly after: RehearsedSide;
  /** Milliseconds after which no further question is asked. */
  readonly deadline: number;
  readonly now: () => number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Share of the real questions that may lose their answer: a single one may have been answered by chance. */
const mostLostShare = 0.02;
/** Questions between two reports of progress. */
const progressStep = 20;

/** Asks both generations the same questions. Between any two of them everything else in the process has its turn. */
export async function rehearse(input: RehearsalInput): Promise<RehearsalReport> {
  const { golden, real, deadline, now, onProgress, signal = new AbortController().signal } = input;
  const started = now();
  const total = real.length + golden.length;
  const changed: ChangedAnswer[] = [];
  const met = { before: 0, after: 0 };
  let lost = 0;
  let done = 0;

  const isInTime = async () => {
    if (now() - started >= deadline) return false;
    if (done % progressStep === 0) onProgress?.(done, total);
    done++;
    await setImmediate();
    signal.throwIfAborted();
    return true;
  };
  const note = (answer: ChangedAnswer | undefined) => {
    if (answer !== undefined) changed.push(answer);
  };

  if (input.before !== undefined) {
    for (const question of real) {
      if (!(await isInTime())) break;
      const [before, after] = await askBoth(input.before, input.after, question, signal);
      if (before.state === "grounded" && after.state !== "grounded") lost++;
      note(compareAnswers({ question }, before, after));
    }
  }
  const askedReal = done;
  for (const line of golden) {
    if (!(await isInTime())) break;
    const [before, after] = await askGolden(input, line, signal);
    if (before?.met) met.before++;
    if (after.met) met.after++;
    if (before !== undefined) note(compareAnswers(line, before, after));
  }
  onProgress?.(done, total);

  const tooManyLost = lost > mostLostShare * askedReal;
  const answers = changed.map((answer) =>
    answer.kind === "real" && answer.verdict === "worse" ? { ...answer, blocks: tooManyLost } : answer,
  );
  const count = (verdict: string) => answers.filter((answer) => answer.verdict === verdict).length;
  return {
    golden: {
      asked: done - askedReal,
      ...(input.before === undefined ? {} : { metBefore: met.before }),
      metAfter: met.after,
    },
    real: { asked: askedReal, lost },
    better: count("better"),
    worse: count("worse"),
    changed: count("changed"),
    blocking: answers.filter(({ blocks }) => blocks).length,
    unasked: (input.before === undefined ? golden.length : total) - done,
    answers: answers.toSorted(byImportance).slice(0, mostListed),
    milliseconds: Math.round(now() - started),
  };
}

const askBoth = (before: RehearsedSide, after: RehearsedSide, question: string, signal: AbortSignal) =>
  Promise.all([before.ask(question, signal), after.ask(question, signal)]);

function askGolden({ before, after }: RehearsalInput, line: GoldenQuestion, signal: AbortSignal) {
  const judged = async ({ askGolden: ask, titleOf }: RehearsedSide) =>
    judge(line, await ask(line.question, signal), line.guide === undefined ? undefined : titleOf(line.guide));
  return Promise.all([before === undefined ? undefined : judged(before), judged(after)]);
}

function byImportance(one: ChangedAnswer, other: ChangedAnswer): number {
  const rank = ({ blocks, verdict }: ChangedAnswer) => (blocks ? -1 : verdicts.indexOf(verdict));
  return rank(one) - rank(other);
}
