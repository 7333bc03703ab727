/** What the text rests on. */
export const answerStates = [
  "grounded",
  "nothing_found",
  "library_unavailable",
  "out_of_scope",
  "small_talk",
  "crisis",
  "intake",
] as const;
export type AnswerState = (typeof answerStates)[number];

/** Who continues: `offered` asks the contact, `started` has recorded a request for a person. */
export const handOverStates = ["none", "offered", "started"] as const;
export type HandOverState = (typeof handOverStates)[number];

/** A passage that the text rests on. */
export interface Citation {
  /** 1-based number under which the text refers to it. */
  readonly index: number;
  /** Id of the stored chunk: opens the passage. */
  readonly chunkId: string;
  readonly document: string;
  readonly section: string;
  /** Law and article, or report, with date. */
  readonly source: string;
  readonly quote: string;
}

export const provenanceOrigins = ["passage", "calculator", "contact", "local", "system"] as const;
export type ProvenanceOrigin = (typeof provenanceOrigins)[number];

/** Where one number, date, article, amount or telephone number of the text comes from. */
export interface Provenance {
  readonly claim: string;
  readonly origin: ProvenanceOrigin;
  /** Citation index for a passage; a name for the other origins. */
  readonly reference: string;
}

/** Result of a calculator; none exists yet, so it is always null. */
export interface Calculation {
  readonly rule: string;
  readonly version: string;
  readonly amount: number;
  readonly unit: string;
  readonly formula: string;
  readonly source: string;
}

/** The answer to one question: the object that `npm run ask -- --json` prints. */
export interface GroundedAnswer {
  readonly state: AnswerState;
  readonly text: string;
  readonly citations: readonly Citation[];
  readonly provenance: readonly Provenance[];
  readonly handOver: HandOverState;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly missing: readonly string[];
  readonly calculation: Calculation | null;
}
