import type { AbstentionWeights } from "../../src/answering/abstention/abstention-weights.ts";
import { foundFeatures } from "../../src/answering/abstention/found-features.ts";
import { searchableText } from "../../src/answering/searchable-text.ts";
import { groupByDocument } from "../../src/answering/select-passages.ts";
import { today } from "../../src/app.ts";
import { hashFeature } from "../../src/knowledge/embedding/feature-hash.ts";
import { loadInMemory } from "../../src/knowledge/in-memory-knowledge.ts";
import { createKnowledgeTools } from "../../src/knowledge/knowledge-tools.ts";
import { type Example, fitLogistic, predict } from "./fit.ts";
import { type FittedSubject, foldOfText } from "./fit-subject.ts";
import type { Labelled } from "./sources.ts";
import { figuresAt, type Judged, leastFor } from "./threshold.ts";

/** Which share of the messages that the knowledge answers may be turned away, as a mean over the sources. */
const turnedAway = 0.04;
const penalty = 0.03;
const rounds = 150;
const folds = 4;
const searchDepth = 40;
/** One of so many messages of a source is searched for: a search takes longer than all the rest. */
const oneOf: Readonly<Record<string, number>> = {
  "ours.txt": 2,
  "examples.jsonl": 6,
  stard: 6,
};
/** How much one case of a source counts. */
const importance: Readonly<Record<string, number>> = {
  golden: 1,
  real: 3,
  "ours.txt": 1,
  "elsewhere.txt": 1,
  "examples.jsonl": 0.5,
  stard: 1,
};

interface Case extends Judged {
  readonly text: string;
  readonly features: Readonly<Record<string, number>>;
}

/**
 * Learns from searches in the shipped knowledge: our messages count as known, which most of them are, those of other
 * matters as not. Golden questions searched without their own guide were tried as unknown ones: neighbouring guides
 * look alike (9 of 195 were told apart), so they only blur what nearness says.
 */
export async function fitKnown(
  knowledge: string,
  labelled: readonly Labelled[],
  { unseenChance }: FittedSubject,
): Promise<{ weights: AbstentionWeights["known"]; figures: Record<string, string> }> {
  const library = (
    await loadInMemory(knowledge, {
      federation: "chongqing",
      ...(await createKnowledgeTools({ kind: "local" })),
    })
  ).pin();
  const cases: Case[] = [];
  for (const message of labelled) {
    const { text, source, isOurs } = message;
    if (importance[source] === undefined || hashFeature(`case ${text}`) % (oneOf[source] ?? 1) !== 0)
      continue;
    const hits = await library.search({
      text: searchableText(text),
      limit: searchDepth,
      asOf: today(),
      region: "重庆",
    });
    const features = foundFeatures(groupByDocument(hits), unseenChance.get(message) as number);
    cases.push({ text, source, isPositive: isOurs, features, chance: 0 });
  }

  const names = Object.keys(cases[0]?.features ?? {});
  const spreads = names.map((name) => spreadOf(cases.map(({ features }) => features[name] ?? 0)));
  const rows = names.map((_, index) => index);
  const exampleOf = ({ features, source, isPositive }: Case): Example => ({
    rows,
    values: names.map((name, index) => {
      const { centre, width } = spreads[index] as Spread;
      return ((features[name] ?? 0) - centre) / width;
    }),
    isPositive,
    weight: importance[source] ?? 0,
  });
  const fit = { rows: names.length, penalty, rounds };
  const judged: Judged[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const model = fitLogistic(cases.filter(({ text }) => foldOfText(text) !== fold).map(exampleOf), fit);
    for (const one of cases)
      if (foldOfText(one.text) === fold) judged.push({ ...one, chance: predict(model, exampleOf(one)) });
  }
  const leastChance = leastFor(
    judged.filter(({ source }) => source !== "stard"),
    turnedAway,
  );
  const { bias, weights } = fitLogistic(cases.map(exampleOf), fit);
  const rounded = (value: number) => Math.round(value * 1e4) / 1e4;
  const scaled = spreads.map(({ width }, index) => (weights[index] as number) / width);
  const shift = spreads.reduce((sum, { centre }, index) => sum + centre * (scaled[index] as number), 0);
  return {
    figures: figuresAt("after a search", judged, leastChance),
    weights: {
      bias: rounded(bias - shift),
      features: Object.fromEntries(names.map((name, index) => [name, rounded(scaled[index] as number)])),
      leastChance,
    },
  };
}

interface Spread {
  readonly centre: number;
  readonly width: number;
}

/** Features of all scales are learned alike: by how far they are from their mean. */
function spreadOf(values: readonly number[]): Spread {
  const centre = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / values.length;
  return { centre, width: Math.sqrt(variance) || 1 };
}
