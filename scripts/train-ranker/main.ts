/**
 * Trains the second stage of the ranking and writes its weights; two steps:
 *
 * node scripts/train-ranker/main.ts --rated STARD-DEV.jsonl --write-half HALF.jsonl
 * node scripts/train-ranker/main.ts --rated STARD-DEV.jsonl --articles F --laws FOLDER --embedder WEIGHTS [--out FILE]
 *
 * `--embedder`: weights that `scripts/train-embedder` made with `--rated HALF.jsonl`. On questions that an embedder
 * has seen its vectors are better than they ever are on new ones, and the ranking would trust them too much.
 */
import { globSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { StaticEmbedder } from "../../src/knowledge/embedding/static-embedder.ts";
import { StaticWeights } from "../../src/knowledge/embedding/static-weights.ts";
import { openVectorEngine } from "../../src/knowledge/retrieval/open-vector-index.ts";
import { Tokenizer } from "../../src/knowledge/retrieval/tokenizer.ts";
import { readGolden, readRated } from "../train-embedder/read-sources.ts";
import { fitWeights } from "./fit-weights.ts";
import { measure, report, toScale } from "./measure-ranking.ts";
import { ArticleIndex, GuideIndex } from "./ranked-questions.ts";
import { readRankingHalf, writeEmbedderHalf } from "./rated-half.ts";
import { writeWeights } from "./write-weights.ts";

const { values } = parseArgs({
  options: {
    "write-half": { type: "string" },
    articles: { type: "string" },
    rated: { type: "string" },
    laws: { type: "string" },
    embedder: { type: "string" },
    knowledge: { type: "string", default: "knowledge" },
    out: { type: "string", default: "src/knowledge/retrieval/second-stage/weights.json" },
    seed: { type: "string", default: "1" },
  },
});
const { articles, rated, laws, embedder: embedderFile, knowledge } = values;
if (rated !== undefined && values["write-half"] !== undefined) {
  writeEmbedderHalf(rated, values["write-half"]);
  process.exit(0);
}
if (articles === undefined || rated === undefined || laws === undefined || embedderFile === undefined) {
  console.error("--articles, --rated, --laws and --embedder are needed");
  process.exit(2);
}
const weights = StaticWeights.parse(readFileSync(embedderFile));
if (weights === undefined) throw new Error(`${embedderFile} is no weights file`);
const tokenizer = new Tokenizer();
const tools = {
  tokenizer,
  embedder: new StaticEmbedder(tokenizer, weights),
  engine: await openVectorEngine(),
};

const overArticles = await ArticleIndex.load(articles, tools);
const overGuides = await GuideIndex.load(knowledge, laws, tools);
const golden = globSync(`${knowledge}/golden/*.jsonl`).sort();
const [legal, chosen, even] = await Promise.all([
  overArticles.gather(readRankingHalf(rated)),
  overArticles.gather(await readRated(rated, "choose")),
  overGuides.gather(await readGolden(golden, "even")),
]);
report("before, legal questions of the choosing part", measure(chosen));
report("before, golden questions (even lines)", measure(even));
const fitted = fitWeights([...legal, ...chosen], even, Number(values.seed));
const scaled = toScale(fitted, even);
report("after, legal questions of the choosing part", measure(chosen, scaled));
report("after, golden questions (even lines)", measure(even, scaled));
const data = { legal: legal.length + chosen.length, golden: even.length, seed: Number(values.seed) };
writeWeights(values.out, scaled, data);
