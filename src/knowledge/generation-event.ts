import type { RehearsalReport } from "./rehearsal/rehearsal-report.ts";

/**
 * What became of a generation. `first`: there was none before; `passed`: nothing got worse in its rehearsal;
 * `accepted`: it went live although something did, for the reason given; `measured`: rehearsed without a say, because
 * what it replaces could not stay; `refused`: it did not go live; `rolled_back`: it serves again in place of `against`.
 */
export const generationEventNames = [
  "first",
  "passed",
  "accepted",
  "measured",
  "refused",
  "rolled_back",
] as const;
export type GenerationEventName = (typeof generationEventNames)[number];

export interface NewGenerationEvent {
  readonly event: GenerationEventName;
  /** The generation that served before. */
  readonly against?: number;
  readonly reason?: string;
  /** Who asked for it: the name of an account of the machine, or `service`. */
  readonly by?: string;
  readonly report?: RehearsalReport;
}

export interface GenerationEvent extends NewGenerationEvent {
  readonly generation: number;
  /** ISO timestamp. */
  readonly at: string;
}
