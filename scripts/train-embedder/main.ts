/**
 * Trains the local embedder and writes its weights. See src/knowledge/embedding/weights/README.md.
 *
 * node scripts/train-embedder/main.ts --articles F --pairs F --rated F --work FOLDER [--out WEIGHTS] [--steps N] [--seed N] …
 */
import { createHash } from "node:crypto";
import { globSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import type { StaticWeights } from "../../src/knowledge/embedding/static-weights.ts";
import { featureBuckets } from "../../src/knowledge/embedding/text-features.ts";
import { loadLexicon } from "../../src/knowledge/retrieval/lexicon.ts";
import { normaliseForSearch, Tokenizer } from "../../src/knowledge/retrieval/tokenizer.ts";
import { DevScores } from "./dev-scores.ts";
import { pairSources } from "./pair-sources.ts";
import { quantise } from "./quantise.ts";
import { Random } from "./random.ts";
import { rarityOf } from "./rarity.ts";
import { readArticles, readGolden, readGuides, readPairs, readRated } from "./read-sources.ts";
import { BatchSampler } from "./sample-batch.ts";
import {
  checkSettings,
  createSharedModel,
  initialise,
  loadCheckpoint,
  saveCheckpoint,
} from "./shared-model.ts";
import { TextStore } from "./text-store.ts";
import { TrainStep } from "./train-step.ts";

const { values } = parseArgs({
  options: {
    articles: { type: "string" },
    pairs: { type: "string" },
    rated: { type: "string" },
    knowledge: { type: "string", default: "knowledge" },
    work: { type: "string" },
    out: { type: "string" },
    steps: { type: "string", default: "1800" },
    batch: { type: "string", default: "384" },
    distractors: { type: "string", default: "96" },
    dimensions: { type: "string", default: "256" },
    rate: { type: "string", default: "0.004" },
    seed: { type: "string", default: "1" },
    threads: { type: "string", default: "2" },
    every: { type: "string", default: "600" },
  },
});
const { articles: articlesFile, pairs: pairsFile, rated: ratedFile, work } = values;
if (articlesFile === undefined || pairsFile === undefined || ratedFile === undefined || work === undefined) {
  console.error("--articles, --pairs, --rated and --work are needed");
  process.exit(2);
}
const out = values.out ?? join(work, "weights.bin");
const steps = Number(values.steps);
const seed = Number(values.seed);
const every = Number(values.every);
const threads = Number(values.threads);
const { steps: _steps, out: _out, threads: _threads, every: _every, ...settings } = values;
checkSettings(work, { ...settings, steps });

const began = performance.now();
const log = (line: string) =>
  console.log(`${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s  ${line}`);

const lexicon = loadLexicon();
const store = new TextStore(new Tokenizer(lexicon));
const [articles, allPairs, rated, chosen, guides] = await Promise.all([
  readArticles(articlesFile),
  readPairs(pairsFile),
  readRated(ratedFile, "train"),
  readRated(ratedFile, "choose"),
  readGuides(values.knowledge),
]);
const heldOut = await readRated(ratedFile, "held-out");
const golden = await readGolden(globSync(`${values.knowledge}/golden/*.jsonl`).sort(), "even");
const unseen = new Set([...chosen, ...heldOut].map(({ question }) => plain(question)));
const pairs = allPairs.filter(({ question }) => !unseen.has(plain(question)));
const mix = pairSources(store, { articles, pairs, rated, guides: guides.guides, lexicon });
const rarity = rarityOf(store);
const dev = new DevScores(store, {
  articles,
  rated: chosen,
  chunks: guides.chunks,
  entries: guides.entries,
  golden,
});
log(
  `${articles.length} articles, ${pairs.length} question–text pairs (${allPairs.length - pairs.length} left out as dev questions), ` +
    `${rated.length} rated questions to train on, ${guides.guides.length} guides, ${store.size} texts`,
);

const model = createSharedModel({
  dimensions: Number(values.dimensions),
  pairs: Number(values.batch),
  distractors: Number(values.distractors),
  threads,
});
const sampler = new BatchSampler(store, mix, featureBuckets);
let done = loadCheckpoint(model, work);
if (done === 0) initialise(model, rarity, seed);
else model.rarity.set(rarity);
if (done > 0) log(`goes on after step ${done}`);
const workers = Array.from({ length: threads - 1 }, (_, i) => {
  const worker = new Worker(new URL("./train-worker.ts", import.meta.url), {
    workerData: { model, rank: i + 1 },
  });
  worker.on("error", (error) => {
    console.error(error);
    process.exit(1);
  });
  return worker;
});
await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once("online", resolve))));

const step = new TrainStep(model, 0);
let loss = 0;
let counted = 0;
while (done < steps) {
  model.control[0] = rateAt(done);
  sampler.sample(model, new Random(seed * 1_000_003 + done));
  step.run();
  done++;
  loss += mean(model.rowLosses);
  counted++;
  if (done % 100 === 0) {
    log(`step ${done}  loss ${(loss / counted).toFixed(4)}`);
    loss = 0;
    counted = 0;
  }
  if (done % every === 0 || done === steps) {
    saveCheckpoint(model, work, done);
    report(quantise(model));
  }
}
for (const worker of workers) await worker.terminate();

/** Rises over 200 steps, then falls in half a cosine to a twentieth. */
function rateAt(at: number): number {
  const rate = Number(values.rate);
  return rate * Math.min(1, (at + 1) / 200) * (0.525 + 0.475 * Math.cos((Math.PI * at) / steps));
}

function report(weights: StaticWeights): void {
  const scores = Object.entries(dev.measure(weights)).map(([name, score]) => `${name} ${score.toFixed(3)}`);
  log(`dev ${scores.join("  ")}`);
  const bytes = weights.serialize();
  writeFileSync(out, bytes);
  log(`${out}: ${bytes.length} bytes, SHA-256 ${createHash("sha256").update(bytes).digest("hex")}`);
}

function mean(numbers: Float32Array): number {
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}

function plain(question: string): string {
  return normaliseForSearch(question).replace(/[^\p{L}\p{N}]/gu, "");
}
