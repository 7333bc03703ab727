import type { Ask, RehearsedAnswer } from "./rehearser.ts";

/**
 * Answers to golden questions in the last rehearsal, by what they rest on: the same documents, local data and day give
 * the same answer. So the generation that serves is asked once, and not again with every change; a change that is tried
 * again with a reason is not asked at all. Questions of contacts do not belong here.
 */
export class RememberedAnswers {
  #byBasis = new Map<string, Map<string, RehearsedAnswer>>();

  /** Forgets all that rests on anything else. */
  keepOnly(bases: readonly string[]): void {
    this.#byBasis = new Map([...this.#byBasis].filter(([basis]) => bases.includes(basis)));
  }

  over(basis: string, ask: Ask): Ask {
    const answers = this.#byBasis.get(basis) ?? new Map<string, RehearsedAnswer>();
    this.#byBasis.set(basis, answers);
    return async (question, signal) => {
      const known = answers.get(question);
      if (known !== undefined) return known;
      const answer = shortened(await ask(question, signal));
      answers.set(question, answer);
      return answer;
    };
  }
}

/** No more than a rehearsal looks at: thousands of answers are kept. */
function shortened({ state, handOver, text, citations }: RehearsedAnswer): RehearsedAnswer {
  const first = citations.slice(0, 1).map(({ document, section }) => ({ document, section }));
  return { state, handOver, text, citations: first };
}
