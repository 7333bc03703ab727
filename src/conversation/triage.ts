import type { HandOverState } from "../answering/grounded-answer.ts";
import { crisisSigns } from "./signs/danger.ts";
import { isDispute } from "./signs/dispute.ts";
import { labourSubject } from "./signs/labour.ts";
import { noiseIn } from "./signs/noise.ts";
import { handOverSigns } from "./signs/person-needed.ts";
import { plainWords } from "./signs/plain-words.ts";
import { Reading } from "./signs/sign.ts";
import { courtesyIn } from "./signs/small-talk.ts";
import { wrongdoingSigns } from "./signs/wrongdoing.ts";
import { isElsewhere } from "./subject/whose-matter.ts";

/** What the turn does with a message. */
export const courses = ["answer", "hand_over", "out_of_scope", "small_talk", "crisis"] as const;
export type Course = (typeof courses)[number];

/** A typed decision. Text that a model writes never changes it. */
export interface Triage {
  readonly course: Course;
  readonly handOver: HandOverState;
  /** Names of the signs that were found, for the record and the mediator. */
  readonly reasons: readonly string[];
  /** Whether the message says anything about work or the union by itself. */
  readonly labour: boolean;
}

/** A story longer than both parts together is read in full for danger only: its matter stands at the head, its request at the end. */
const head = 700;
const end = 300;

/**
 * Decides what a message asks for, by rules; whether it is ours at all by a model of one table. Pure and bounded in
 * time.
 */
export function triage(message: string): Triage {
  const whole = plainWords(message);
  const text = whole.length > head + end ? `${whole.slice(0, head)},${whole.slice(-end)}` : whole;
  const labour = labourSubject.test(text);
  const decide = (course: Course, handOver: HandOverState, reasons: readonly string[]): Triage => ({
    course,
    handOver,
    reasons,
    labour,
  });

  const crisis = new Reading(whole).reasons(crisisSigns);
  if (crisis.length > 0) return decide("crisis", "started", crisis);
  const reading = new Reading(text);
  const wrongdoing = reading.reasons(wrongdoingSigns);
  if (wrongdoing.length > 0) return decide("out_of_scope", "none", wrongdoing);
  const needed = reading.reasons(handOverSigns);
  if (needed.length > 0) return decide("hand_over", "started", needed);
  // Orders to the machine inside a matter of work change nothing about the matter.
  const talk = courtesyIn(text) ?? (labour ? undefined : noiseIn(text));
  if (talk !== undefined) return decide("small_talk", "none", [talk]);
  if (isElsewhere(text)) return decide("out_of_scope", "none", ["other_subject"]);
  return decide("answer", isDispute(text) ? "offered" : "none", []);
}
