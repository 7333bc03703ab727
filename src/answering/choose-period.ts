import { isInForce } from "../knowledge/documents/in-force.ts";
import { lawIdOf } from "../knowledge/documents/law-name.ts";
import { lawOf } from "../knowledge/documents/law-versions.ts";
import type { DocumentInfo } from "../knowledge/retrieval/index-entries.ts";
import type { AskedDay } from "./asked-day.ts";
import { isClose, type Support } from "./select-passages.ts";
import { likeness } from "./shared-pairs.ts";

/** Names that share so much are those of one law and of its successor. */
const likeName = 0.5;

/** What may support an answer, and what the answer must say of the time and the place of its rules. */
export interface Period {
  readonly support: readonly Support[];
  /**
   * `ended`: the rule of the asked day, which does not hold any more. `still`: one that does, beside a later one.
   * `only_present`: nothing of that day is known, the rule of today stands in. `other_place`: the place has no rule
   * of its own, that of the federation stands in. Undefined: the rules held then, hold today, and hold there.
   */
  readonly note?: "ended" | "still" | "only_present" | "other_place";
  /** The rule of today beside that of then. */
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
  // What fits best came later: what else held then is about something else, but for its own law.
  const law = ownLawOf(then, present, today);
  if (law === undefined) return { support: now, note: "only_present" };
  const beside = then.filter((one) => one !== law && one.document.kind !== "guide");
  return { support: [law, ...beside], note: isInForce(law.document, today) ? "still" : "ended", present };
}

/** The text of then on which the rule of today rests, or the one that such a text has replaced. */
function ownLawOf(then: readonly Support[], { document }: Support, today: string): Support | undefined {
  const laws = then.filter((one) => one.document.kind === "law");
  return (
    laws.find((one) => isSameLaw(document, one.document)) ??
    laws.find((one) => !isInForce(one.document, today) && hasLikeName(document, one.document))
  );
}

/** 法律援助法 came after 法律援助条例, 信访工作条例 after 信访条例. */
function hasLikeName(present: DocumentInfo, former: DocumentInfo): boolean {
  const names = present.kind === "guide" ? present.sources.flatMap(({ law }) => law ?? []) : [present.title];
  const stem = (name: string) => lawIdOf(name).replace(/(?:法|条例|规定|办法)$/u, "");
  return names.some((name) => likeness(stem(name), stem(former.title)) >= likeName);
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
