import type { LocalData } from "../../knowledge/documents/local-data.ts";
import type { RefusalReason } from "../../messaging/refusal-reason.ts";
import type { ChinaTime } from "../china-time.ts";

/** How many things of a kind came with a message. */
export interface Counted {
  readonly photo: number;
  readonly video: number;
  readonly voice: number;
  readonly file: number;
}

/** What the assistant says about itself, about what a contact sent, and in groups: in one language. */
export interface Manners {
  /** Before the first reply: a machine, what is kept, how to delete it, how to reach a person. */
  /** `keptDays`: how long a conversation is kept; 0: until it is deleted at the contact's wish. */
  notice(local: LocalData, keptDays: number): string;
  start(local: LocalData): string;
  help(local: LocalData): string;
  /** What a contact says to ask for a person. */
  readonly personWord: string;
  /** Offered with the greeting and the help. */
  readonly examples: readonly string[];

  /** Before everything is deleted. `openRequest`: a request for a person would go with it. */
  forgetAsked(openRequest: boolean): string;
  readonly confirmForget: string;
  readonly keep: string;
  kept(openRequest: boolean): string;
  /** The receipt. `backupDays` 0: backups are not spoken of. */
  forgotten(at: ChinaTime, backupDays: number): string;
  /** A moment as the receipts write it, with and without the year. */
  moment(at: ChinaTime): string;
  shortMoment(at: ChinaTime): string;
  days(count: number): string;

  /** Reads back what was heard in a voice. */
  heard(words: string): string;
  /** A voice that could not be understood; `kept`: it is stored all the same. */
  unheard(kept: boolean, local: LocalData): string;
  /** Photos and files that were kept. `answered`: what was typed with them is answered above. */
  stored(counted: Counted, at: ChinaTime, answered: boolean): string;
  /** How `stored` counts them. */
  counted(counted: Counted): string;
  /** Photos and files that are not kept yet. */
  awaited(counted: Counted): string;
  /** Words that were made out on a picture. */
  madeOut(words: readonly string[]): string;
  sticker(): string;
  location(answered: boolean): string;
  locationInCrisis(): string;
  refused(kind: keyof Counted, reason: RefusalReason): string;

  readonly group: GroupWording;
}

/** What is said where others read along: never of anybody's own matter. */
export interface GroupWording {
  greeting(local: LocalData): string;
  /** Not here: write to me alone. */
  invite(local: LocalData): string;
  /** Below an answer about the rules in a dispute. */
  ownMatters(): string;
  /** Begins with the telephone number that helps. */
  crisis(reasons: readonly string[], local: LocalData): string;
  nothingFound(local: LocalData): string;
  human(local: LocalData): string;
  forget(): string;
  files(): string;
}
