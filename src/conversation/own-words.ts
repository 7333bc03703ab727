import { accountForClaims } from "../answering/account-for-claims.ts";
import { checkClaims } from "../answering/check-claims.ts";
import { extractClaims } from "../answering/claims.ts";
import type { AnswerState, GroundedAnswer, HandOverState, Provenance } from "../answering/grounded-answer.ts";
import type { LocalData } from "../knowledge/documents/local-data.ts";

/** A line that the assistant says of what happens here, with every claim of it accounted for. */
export interface OwnLine {
  readonly text: string;
  readonly provenance: readonly Provenance[];
}

/** A line of fixed wording into which the service put facts of its own, such as when a photo came. */
export function ownLine(text: string, local: LocalData, facts: readonly string[] = []): OwnLine {
  return { text, provenance: ownAnswer("small_talk", text, local, { facts }).provenance };
}

/** A line that repeats what the contact said: its claims are the contact's own. */
export function quotingLine(text: string, quoted: string): OwnLine {
  return {
    text,
    provenance: extractClaims(quoted).map(({ text: claim }) => ({
      claim,
      origin: "contact",
      reference: "message",
    })),
  };
}

/** A whole reply in fixed wording; `facts` are what the service put into it. */
export function ownAnswer(
  state: AnswerState,
  text: string,
  local: LocalData,
  { facts = [], handOver = "none" }: { facts?: readonly string[]; handOver?: HandOverState } = {},
): GroundedAnswer {
  const answer = accountForClaims({ state, text, handOver }, { message: "", hotlines: local.hotlines });
  const recorded = checkClaims(text, [{ origin: "system", reference: "record", text: facts.join("\n") }]);
  return { ...answer, provenance: [...answer.provenance, ...recorded.provenance] };
}

/** The answer with lines of its own before and after it. */
export function withLines(
  answer: GroundedAnswer,
  { before = [], after = [] }: { before?: readonly OwnLine[]; after?: readonly OwnLine[] },
): GroundedAnswer {
  if (before.length === 0 && after.length === 0) return answer;
  const parts = [...before, answer, ...after];
  return {
    ...answer,
    text: parts
      .map(({ text }) => text)
      .filter((text) => text !== "")
      .join("\n\n"),
    provenance: parts.flatMap(({ provenance }) => provenance),
  };
}
