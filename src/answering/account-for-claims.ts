import { checkClaims, type Evidence } from "./check-claims.ts";
import type { Draft } from "./compose-extractive.ts";
import type { AnswerState, GroundedAnswer, HandOverState } from "./grounded-answer.ts";
import { passageEvidence } from "./passage-evidence.ts";

export interface UncheckedReply {
  readonly state: AnswerState;
  /** The whole text, the draft's and the assistant's own lines together. */
  readonly text: string;
  readonly handOver: HandOverState;
  /** What the text cites; absent where it rests on nothing but the assistant's own wording. */
  readonly draft?: Draft;
}

/** What a reply may draw on beside its passages. */
export interface OwnEvidence {
  /** The contact's message. */
  readonly message: string;
  readonly hotlines: readonly { readonly number: string; readonly name: string }[];
}

/** Figures that the assistant's own wording names: the age below which work is forbidden (禁止使用童工规定 第二条). */
const ownWording = "未满16周岁";

/**
 * The last gate before anything is sent: every claim of the reply is found in a cited passage, in the local
 * configuration or in the contact's own words, and recorded with where it was found. A line of a draft with a claim
 * that is found nowhere is taken out; the assistant's own wording is fixed, and a test holds every line of it.
 */
export function accountForClaims(
  { state, text, handOver, draft }: UncheckedReply,
  { message, hotlines }: OwnEvidence,
): GroundedAnswer {
  const evidence: Evidence[] = [
    ...(draft?.passages ?? []).map((passage, i) => passageEvidence(passage, String(i + 1))),
    {
      origin: "local",
      reference: "hotlines",
      text: hotlines.map(({ number, name }) => `${number}（${name}）`).join("\n"),
    },
    { origin: "contact", reference: "message", text: message },
    { origin: "system", reference: "wording", text: ownWording },
  ];
  let sent = text;
  let check = checkClaims(sent, evidence);
  if (check.unsupported.length > 0 && draft !== undefined) {
    sent = text
      .split("\n")
      .filter((line) => checkClaims(line, evidence).unsupported.length === 0)
      .join("\n");
    check = checkClaims(sent, evidence);
  }
  return {
    state,
    text: sent,
    citations: draft?.citations ?? [],
    provenance: check.provenance,
    handOver,
    facts: {},
    missing: [],
    calculation: null,
  };
}
