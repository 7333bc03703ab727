import type { AbstentionWeights } from "../../src/answering/abstention/abstention-weights.ts";
import { messageFeatures, subjectBuckets } from "../../src/answering/abstention/message-features.ts";
import { plainWords } from "../../src/conversation/signs/plain-words.ts";
import { subjectCueNames, subjectCues } from "../../src/conversation/subject/subject-cues.ts";
import { hashFeature } from "../../src/knowledge/embedding/feature-hash.ts";
import { type Example, fitLogistic, predict } from "./fit.ts";
import type { Labelled } from "./sources.ts";
import { figuresAt, leastFor } from "./threshold.ts";

/** How much one message of a source counts: what was labelled by reading most, what is only near to it least. */
const importance: Readonly<Record<string, number>> = {
  real: 6,
  "ours.txt": 3,
  "elsewhere.txt": 3,
  "examples.jsonl": 2,
  golden: 1,
  stard: 1.5,
  "questions of guides": 0.5,
  "legal-qa": 0.3,
  "sentences of guides": 0.1,
  articles: 0.1,
};
const folds = 4;
const fit = { rows: subjectBuckets + subjectCueNames.length, penalty: 1e-4, rounds: 8 };
/** Which share of our messages, as a mean over the sources, may be named `out_of_scope` before a search. */
const turnedAwayAtOnce = 0.005;
/** Which share of ours may be named `out_of_scope` where a search found nothing. */
const turnedAwayAtAll = 0.08;

export interface FittedSubject {
  readonly weights: AbstentionWeights["subject"];
  readonly figures: Record<string, string>;
  /** Chances by models that have not seen the message. */
  readonly unseenChance: ReadonlyMap<Labelled, number>;
}

export const foldOfText = (text: string): number => hashFeature(text) % folds;

export function fitSubject(labelled: readonly Labelled[], background: readonly Labelled[]): FittedSubject {
  const examples = [...labelled, ...background].map((message) => ({ message, example: exampleOf(message) }));
  const unseenChance = new Map<Labelled, number>();
  for (let fold = 0; fold < folds; fold++) {
    const isKept = ({ message }: { message: Labelled }) => foldOfText(message.text) !== fold;
    const model = fitLogistic(
      examples.filter(isKept).map(({ example }) => example),
      fit,
    );
    for (const { message, example } of examples)
      if (!isKept({ message })) unseenChance.set(message, predict(model, example));
  }
  const tuning = labelled
    .filter(({ use }) => use === "tune")
    .map((message) => ({
      source: message.source,
      isPositive: message.isOurs,
      chance: unseenChance.get(message) as number,
    }));
  const leastChance = leastFor(tuning, turnedAwayAtOnce);
  const evenChance = leastFor(tuning, turnedAwayAtAll);

  const { bias, weights } = fitLogistic(
    examples.map(({ example }) => example),
    fit,
  );
  const rows = weights.subarray(0, subjectBuckets);
  const scale = rows.reduce((largest, weight) => Math.max(largest, Math.abs(weight)), 0) / 127;
  const bytes = Int8Array.from(rows, (weight) => Math.round(weight / scale));
  return {
    unseenChance,
    figures: {
      ...figuresAt("before a search", tuning, leastChance),
      ...figuresAt("where nothing is found", tuning, evenChance),
    },
    weights: {
      bias: rounded(bias),
      scale,
      rows: Buffer.from(bytes.buffer).toString("base64"),
      cues: Object.fromEntries(
        subjectCueNames.map((name, index) => [name, rounded(weights[subjectBuckets + index] as number)]),
      ),
      leastChance,
      evenChance,
    },
  };
}

const rounded = (value: number) => Math.round(value * 1e4) / 1e4;

function exampleOf({ text, isOurs, source }: Labelled): Example {
  const plain = plainWords(text);
  const present = [...messageFeatures(plain)];
  const share = present.length === 0 ? 0 : 1 / Math.sqrt(present.length);
  const cues = subjectCues(plain).map((name) => subjectBuckets + subjectCueNames.indexOf(name));
  return {
    rows: [...present, ...cues],
    values: [...present.map(() => share), ...cues.map(() => 1)],
    isPositive: isOurs,
    weight: importance[source] ?? 0,
  };
}
