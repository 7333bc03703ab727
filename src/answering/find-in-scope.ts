import type { AskedDay } from "./asked-day.ts";
import { choosePeriod, type Period } from "./choose-period.ts";
import { isClose, isLocal, type Support } from "./select-passages.ts";

/** Whose rules are looked at: those of a day and a place. */
export interface Scope {
  /** ISO date; undefined: laws that held once and do not any more. */
  readonly asOf?: string;
  readonly region: string;
}

/** What a question tells of its time and place. */
export interface AskedScope {
  readonly asOf?: AskedDay;
  readonly region?: string;
}

/**
 * What supports an answer by the law of the day and the place that the question tells of. `find` gives what supports
 * one by the rules of a scope, the best first. Where only the federation's own place has a rule on the matter, that
 * stands in and is named as another place's.
 */
export async function findInScope(
  asked: AskedScope,
  home: { readonly today: string; readonly region: string },
  find: (scope: Scope) => Promise<readonly Support[]>,
): Promise<Period> {
  const { region = home.region } = asked;
  const found = await findInPeriod(asked.asOf, home.today, (asOf) =>
    find({ region, ...(asOf === undefined ? {} : { asOf }) }),
  );
  if (region === home.region) return found;
  const here = await find({ asOf: home.today, region: home.region });
  const [own] = here;
  const [theirs] = found.support;
  if (own === undefined || !isLocal(own)) return found;
  if (theirs !== undefined && isLocal(theirs) && isClose(theirs.score, own.score)) return found;
  return { support: here, note: "other_place" };
}

async function findInPeriod(
  asked: AskedDay | undefined,
  today: string,
  find: (asOf?: string) => Promise<readonly Support[]>,
): Promise<Period> {
  const now = await find(today);
  if (asked === undefined || (asked.date === today && asked.asks !== "former")) return { support: now };
  if (asked.asks !== "former") return choosePeriod(await find(asked.date), now, asked, today);
  return choosePeriod(await find(), now, asked, today);
}
