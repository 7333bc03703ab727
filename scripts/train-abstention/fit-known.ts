import { globSync } from "node:fs";
import { basename, join } from "node:path";
import type { AbstentionWeights } from "../../src/answering/abstention/abstention-weights.ts";
import { foundFeatures } from "../../src/answering/abstention/found-features.ts";
import { searchableText } from "../../src/answering/searchable-text.ts";
import { groupByDocument } from "../../src/answering/select-passages.ts";
import { today } from "../../src/app.ts";
import { hashFeature } from "../../src/knowledge/embedding/feature-hash.ts";
import { loadInMemory } from "../../src/knowledge/in-memory-knowledge.ts";
import { readJsonl } from "../../src/knowledge/jsonl.ts";
import { createKnowledgeTools } from "../../src/knowledge/knowledge-tools.ts";
import { type Example, fitLogistic, predict } from "./fit.ts";
import { type FittedSubject, foldOfText } from "./fit-subject.ts";
import type { Labelled } from "./sources.ts";
import { figuresAt, type Judged, leastFor } from "./threshold.ts";

/** Which share of the messages that the knowledge answers may be turned away, as a mean over the sources. */
const turnedAway = 0.03;
const penalty = 1e-3;
const rounds = 60;
const folds = 4;
const searchDepth = 40;
/** One of so many messages of a source is searched for: a search takes longer than all the rest. */
const oneOf: Readonly<Record<string, number>> = {
  "ours.txt": 2,
  "elsewhere.txt": 2,
  "examples.jsonl": 6,
  stard: 6,
  "golden, its guide left out": 2,
};
/** How much one case of a source counts. */
const importance: Readonly<Record<string, number>> = {
  golden: 1,
  "golden, its guide left out": 0.3,
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
 * Learns from the shipped knowledge: golden questions are known; the same questions with their guide left out, and
 * messages of other matters, are not. Our other messages count as known, which most of them are.
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
  const guides = await guidesOfGolden(knowledge);
  const cases: Case[] = [];
  const add = async (
    message: Labelled,
    source: string,
    isPositive: boolean,
    without: readonly string[] = [],
  ) => {
    const { text } = message;
    if (importance[source] === undefined || hashFeature(`case ${text}`) % (oneOf[source] ?? 1) !== 0) return;
    const hits = await library.search({
      text: searchableText(text),
      limit: searchDepth,
      asOf: today(),
      region: "重庆",
      without: new Set(without),
    });
    const features = foundFeatures(groupByDocument(hits), unseenChance.get(message) as number);
    cases.push({ text, source, isPositive, features, chance: 0 });
  };
  for (const message of labelled) {
    await add(message, message.source, message.isOurs);
    const guide = message.source === "golden" ? guides.get(message.text) : undefined;
    if (guide !== undefined) await add(message, "golden, its guide left out", false, [guide]);
  }

  const names = Object.keys(cases[0]?.features ?? {});
  const rows = names.map((_, index) => index);
  const exampleOf = ({ features, source, isPositive }: Case): Example => ({
    rows,
    values: names.map((name) => features[name] ?? 0),
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
  return {
    figures: figuresAt("after a search", judged, leastChance),
    weights: {
      bias: rounded(bias),
      features: Object.fromEntries(names.map((name, index) => [name, rounded(weights[index] as number)])),
      leastChance,
    },
  };
}

async function guidesOfGolden(knowledge: string): Promise<Map<string, string>> {
  const guides = new Map<string, string>();
  for (const file of globSync(join(knowledge, "golden/*.jsonl"))) {
    if (basename(file).startsWith("blind")) continue;
    for await (const { question, guide } of readJsonl(file))
      if (typeof question === "string" && typeof guide === "string") guides.set(question, guide);
  }
  return guides;
}
