/** What one generation said to a question, as far as a report shows it. */
export interface AnswerGist {
  readonly state: string;
  /** Document and section of the first citation. */
  readonly source?: string;
  /** For a golden question: whether the answer is as expected. */
  readonly met?: boolean;
}

export const verdicts = ["worse", "changed", "better"] as const;
export type Verdict = (typeof verdicts)[number];

/** A question whose answer is another one now. */
export interface ChangedAnswer {
  readonly kind: "golden" | "real";
  /** Id of the golden question. */
  readonly id?: string;
  /** A real question is masked, and left out of what is stored. */
  readonly question?: string;
  readonly verdict: Verdict;
  /** Whether this keeps the generation from going live. */
  readonly blocks: boolean;
  readonly before: AnswerGist;
  readonly after: AnswerGist;
}

/** What a new generation says to known questions, beside the one that serves. */
export interface RehearsalReport {
  /** `metBefore` is missing where the former generation could not be asked and was never measured. */
  readonly golden: { readonly asked: number; readonly metBefore?: number; readonly metAfter: number };
  /** `lost`: had a grounded answer and have none any more. */
  readonly real: { readonly asked: number; readonly lost: number };
  readonly better: number;
  readonly worse: number;
  readonly changed: number;
  /** Answers that keep the generation from going live. */
  readonly blocking: number;
  /** Questions for which the time did not suffice; any keeps the generation from going live. */
  readonly unasked: number;
  /** Most important first, at most `mostListed`. */
  readonly answers: readonly ChangedAnswer[];
  readonly milliseconds: number;
}

export const mostListed = 200;
const mostStored = 50;

/** Whether a generation with this rehearsal goes live only by an explicit decision. */
export const blocks = ({ blocking, unasked }: RehearsalReport): boolean => blocking + unasked > 0;

/** The report as it is stored: shorter, and no word of a contact is in it. */
export function storedReport(report: RehearsalReport): RehearsalReport {
  return {
    ...report,
    answers: report.answers
      .slice(0, mostStored)
      .map(({ question, ...answer }) =>
        answer.kind === "real" || question === undefined ? answer : { ...answer, question },
      ),
  };
}
