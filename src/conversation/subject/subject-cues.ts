import {
  consequenceAtWork,
  dailyLife,
  errand,
  firmlyElsewhere,
  kitchen,
  otherSubject,
  ownBusiness,
  strongLabour,
} from "../signs/elsewhere.ts";
import { labourSubject } from "../signs/labour.ts";

/** Groups of words that tell something about whose matter a message is; how much each tells is learned. */
const groups: Readonly<Record<string, RegExp>> = {
  labourSubject,
  strongLabour,
  consequenceAtWork,
  errand,
  kitchen,
  dailyLife,
  ownBusiness,
  otherSubject,
  firmlyElsewhere,
};

export const subjectCueNames = Object.keys(groups);

/** Names of the word groups that stand in a text in plain words. */
export function subjectCues(text: string): string[] {
  return subjectCueNames.filter((name) => groups[name]?.test(text));
}
