import { abstentionModel } from "../../answering/abstention/abstention-model.ts";
import { namesOtherMatter } from "../signs/elsewhere.ts";
import { subjectCues } from "./subject-cues.ts";

/** From this chance on words of another matter prove nothing. Chosen on messages that the model had not seen. */
const surelyOurs = 0.7;

/** The chance that a text in plain words is a matter of work or the union: 0 to 1. */
export function chanceOfOurs(text: string): number {
  return abstentionModel().chanceOfOurs(text, subjectCues(text));
}

/** Whether a message with this chance is ours where the knowledge has nothing to say. */
export function isLikelyOurs(chance: number): boolean {
  return chance >= abstentionModel().evenChance;
}

/**
 * Whether a text in plain words is another part of life or law, whatever a search would find: hardly likely to be
 * ours, or naming another matter without being surely ours.
 */
export function isElsewhere(text: string): boolean {
  const chance = chanceOfOurs(text);
  return chance < abstentionModel().leastChance || (chance < surelyOurs && namesOtherMatter(text));
}
