import { isInForce } from "../knowledge/documents/in-force.ts";
import { lawIdOf } from "../knowledge/documents/law-name.ts";
import { lawOf } from "../knowledge/documents/law-versions.ts";
import type { DocumentInfo } from "../knowledge/retrieval/index-entries.ts";
import type { AskedDay } from "./asked-day.ts";
import { isClose, type Support } from "./select-passages.ts";

/** What may support an answer, and what the answer must say of the time and the place of its rules. */
export interface Period {
  readonly support: readonly Support[];
  /**
   * `ended`: the rule of the asked day, which does not hold any more. `only_present`: nothing of that day is known,
   * the rule of today stands in. `other_place`: the place has no rule of its own, that of the federation stands in.
   * Undefined: the rules held then, hold today, and hold there.
   */
  readonly note?: "ended" | "only_present" | "other_place";
  /** The rule of today beside one that has ended. */
  readonly present?: Support;
}

/**
 * Decides between what supports an answer by the law of the asked day and by that of today, the best first each. What
 * was not in force on the asked day supports none, unless nothing of that day is known: then it stands in and the
 * answer says so.
 */
export function choosePeriod(
  then: readonly Support[],
  now: readonly Support[],
  asked: AskedDay,
  today: string,
): Period {
  const [old] = then;
  const [present] = now;
  if (old === undefined)
    return present === undefined ? { support: [] } : { support: now, note: "only_present" };
  const ended = then.find(({ document, score }) => !isInForce(document, today) && isClose(score, old.score));
  if (ended !== undefined && (ended === old || restsOnLater(old.document, ended.document, asked.date))) {
    const beside = then.filter((one) => one !== ended && one.document.kind !== "guide");
    const successor = now.find(({ document }) => isSameLaw(document, ended.document)) ?? present;
    return {
      support: [ended, ...beside],
      note: "ended",
      ...(successor === undefined ? {} : { present: successor }),
    };
  }
  if (present === undefined || isInForce(present.document, asked.date))
    return { support: then.filter(({ document }) => isInForce(document, today)) };
  // What fits best came later: what else held then is about something else.
  return { support: now, note: "only_present" };
}

/** A guide that cites a later text of the law than the one that held then. */
function restsOnLater(guide: DocumentInfo, law: DocumentInfo, date: string): boolean {
  if (guide.kind !== "guide") return isSameLaw(guide, law);
  return guide.sources.some(
    (source) =>
      source.law !== undefined &&
      lawIdOf(source.law) === lawOf(law) &&
      `${source.date}-01-01`.slice(0, 10) > date,
  );
}

function isSameLaw(one: DocumentInfo, other: DocumentInfo): boolean {
  const law = lawOf(one);
  if (one.kind === "guide")
    return one.sources.some((source) => source.law !== undefined && lawIdOf(source.law) === lawOf(other));
  return law !== undefined && law === lawOf(other);
}
