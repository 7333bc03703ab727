/**
 * Indexes and searches the articles of Chinese law in a process of its own, so that its peak memory is its own, next
 * to two plain peers over the same texts. Prints one line of JSON.
 *
 *   node scripts/bench/corpus-process.ts ARTICLES.jsonl.gz QUESTIONS.jsonl
 */
import { CorpusSearch } from "../../src/knowledge/corpus-search.ts";
import { readJsonl } from "../../src/knowledge/jsonl.ts";
import { createKnowledgeTools } from "../../src/knowledge/knowledge-tools.ts";
import { foldOf } from "../train-embedder/folds.ts";
import { type Figure, quantile } from "./figure.ts";
import { bestOf, PlainBm25 } from "./plain-bm25.ts";

const [articles, questionFile] = process.argv.slice(2);
if (articles === undefined || questionFile === undefined) throw new Error("needs a corpus and questions");

const top = 10;
const asked = 200;
const warmUp = 30;

const questions: { text: string; relevant: ReadonlySet<unknown> }[] = [];
for await (const { id, question, relevant } of readJsonl(questionFile)) {
  // On the questions that it was trained on the embedder would look better than it is.
  if (typeof question !== "string" || foldOf(String(id)) !== "held-out") continue;
  questions.push({ text: question, relevant: new Set(Array.isArray(relevant) ? relevant : []) });
  if (questions.length === asked + warmUp) break;
}

const tools = await createKnowledgeTools();
const began = performance.now();
const corpus = await CorpusSearch.load(articles, tools);
const indexSeconds = (performance.now() - began) / 1_000;
const product = await run(async (text) => (await corpus.search(text, top)).map(({ id }) => id));
const peakMb = process.resourceUsage().maxRSS / 1_024;

const ids: unknown[] = [];
const texts: string[] = [];
for await (const { id, text } of readJsonl(articles)) {
  ids.push(id);
  texts.push(String(text));
}
const bm25Began = performance.now();
const bm25 = new PlainBm25();
for (const text of texts) bm25.add(tools.tokenizer.tokenize(text).words);
const bm25Seconds = (performance.now() - bm25Began) / 1_000;
const words = await run((text) =>
  bm25.search([...tools.tokenizer.tokenize(text).words], top).map((place) => ids[place]),
);

const vectors = await tools.embedder.embedDocuments(texts);
const dimensions = vectors[0]?.length ?? 0;
const flat = new Float32Array(vectors.length * dimensions);
for (const [place, vector] of vectors.entries()) flat.set(vector, place * dimensions);
const scan = await run(async (text) => {
  const query = await tools.embedder.embedQuery(text);
  const scores = new Float32Array(vectors.length);
  for (let place = 0; place < scores.length; place++) {
    let sum = 0;
    for (let i = 0; i < dimensions; i++) sum += (flat[place * dimensions + i] ?? 0) * (query[i] ?? 0);
    scores[place] = sum;
  }
  return bestOf(scores, top).map((place) => ids[place]);
});

const figures: Figure[] = [
  { name: `articles: index of ${corpus.size}`, value: indexSeconds, unit: "s", budget: 90 },
  { name: "articles: peak memory", value: peakMb, unit: "MB", budget: 1_500 },
  {
    name: `articles: search p50 of ${product.times.length}`,
    value: quantile(product.times, 0.5),
    unit: "ms",
    budget: 6,
  },
  { name: "articles: search p95", value: quantile(product.times, 0.95), unit: "ms" },
  { name: "articles: a relevant one among 10", value: product.hitRate, unit: "share" },
  { name: "peer BM25 over words: index", value: bm25Seconds, unit: "s" },
  { name: "peer BM25 over words: search p50", value: quantile(words.times, 0.5), unit: "ms" },
  { name: "peer BM25 over words: a relevant one among 10", value: words.hitRate, unit: "share" },
  { name: "peer scan of all vectors: search p50", value: quantile(scan.times, 0.5), unit: "ms" },
  { name: "peer scan of all vectors: a relevant one among 10", value: scan.hitRate, unit: "share" },
  ratio("search time against BM25", product.times, words.times),
  ratio("search time against the scan", product.times, scan.times),
];
process.stdout.write(`${JSON.stringify(figures)}\n`);

/** Times in milliseconds, and the share of questions with a relevant article among the hits. */
async function run(search: (text: string) => unknown[] | Promise<unknown[]>) {
  const times: number[] = [];
  let hits = 0;
  let judged = 0;
  for (const [index, { text, relevant }] of questions.entries()) {
    const started = performance.now();
    const found = await search(text);
    if (index >= warmUp) times.push(performance.now() - started);
    if (relevant.size === 0) continue;
    judged += 1;
    if (found.some((id) => relevant.has(id))) hits += 1;
  }
  return { times, hitRate: judged === 0 ? 0 : hits / judged };
}

function ratio(name: string, ours: readonly number[], theirs: readonly number[]): Figure {
  return { name, value: quantile(ours, 0.5) / quantile(theirs, 0.5), unit: "times" };
}
