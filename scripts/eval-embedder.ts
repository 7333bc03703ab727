/**
 * Measures the local embedder and the product's search with it: legal questions over 63 503 articles, golden questions
 * over the guides. Usage: node scripts/eval-embedder.ts --articles F --rated F [--part held-out] [--weights FILE]
 */
import { globSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { selectSupport } from "../src/answering/select-passages.ts";
import { CorpusSearch } from "../src/knowledge/corpus-search.ts";
import { loadWeights, StaticEmbedder } from "../src/knowledge/embedding/static-embedder.ts";
import { StaticWeights } from "../src/knowledge/embedding/static-weights.ts";
import { loadInMemory } from "../src/knowledge/in-memory-knowledge.ts";
import { openVectorEngine } from "../src/knowledge/retrieval/open-vector-index.ts";
import { Tokenizer } from "../src/knowledge/retrieval/tokenizer.ts";
import { DevScores } from "./train-embedder/dev-scores.ts";
import { readArticles, readGolden, readGuides, readRated } from "./train-embedder/read-sources.ts";
import { TextStore } from "./train-embedder/text-store.ts";

const { values } = parseArgs({
  options: {
    articles: { type: "string" },
    rated: { type: "string" },
    knowledge: { type: "string", default: "knowledge" },
    /** `choose` to decide between variants, `held-out` to report. */
    part: { type: "string", default: "held-out" },
    /** Another weights file than the shipped one. */
    weights: { type: "string" },
  },
});
const { articles: articlesFile, rated: ratedFile, knowledge, part } = values;
if (articlesFile === undefined || ratedFile === undefined || (part !== "choose" && part !== "held-out")) {
  console.error("--articles and --rated are needed; --part is choose or held-out");
  process.exit(2);
}
/** Golden questions that the fusion's weights were chosen on, or the others. */
const lines = part === "choose" ? "even" : "odd";
const rated = await readRated(ratedFile, part);
const golden = await readGolden(globSync(`${knowledge}/golden/*.jsonl`).sort(), lines);
const tokenizer = new Tokenizer();
const weights =
  values.weights === undefined ? loadWeights() : StaticWeights.parse(readFileSync(values.weights));
if (weights === undefined) throw new Error(`${values.weights} is no weights file`);
const embedder = new StaticEmbedder(tokenizer, weights);
const engine = await openVectorEngine();

const print = (name: string, scores: Record<string, number>) =>
  console.log(
    name.padEnd(16),
    Object.entries(scores)
      .map(([measure, score]) => `${measure} ${score.toFixed(3)}`)
      .join("  "),
  );
console.log(`${part}: ${rated.length} rated questions; ${golden.length} golden questions (${lines} lines)`);

const guides = await readGuides(knowledge);
const articles = await readArticles(articlesFile);
const measureAlone = (texts: typeof articles) =>
  new DevScores(new TextStore(tokenizer), { ...guides, articles: texts, rated, golden }).measure(weights);
print("vectors alone", measureAlone(articles));
const withLaw = articles.map((article) => ({ ...article, text: `${article.law} ${article.text}` }));
print("with law's name", measureAlone(withLaw));
print("fused, guides", await measureGuides());
print("fused, articles", await measureArticles());

async function measureGuides(): Promise<Record<string, number>> {
  const library = (
    await loadInMemory(knowledge, { federation: "chongqing", tokenizer, embedder, engine })
  ).pin();
  let top1 = 0;
  let top3 = 0;
  let top10 = 0;
  for (const { question, guide } of golden) {
    const hits = await library.search({ text: question, limit: 40, region: "重庆" });
    const rank = selectSupport(hits).findIndex(({ document }) => document.id === guide);
    if (rank === 0) top1++;
    if (rank >= 0 && rank < 3) top3++;
    if (rank >= 0 && rank < 10) top10++;
  }
  return { top1: top1 / golden.length, top3: top3 / golden.length, top10: top10 / golden.length };
}

async function measureArticles(): Promise<Record<string, number>> {
  const search = await CorpusSearch.load(articlesFile as string, { tokenizer, embedder, engine });
  let recall10 = 0;
  let recall100 = 0;
  let mrr10 = 0;
  for (const { question, relevant } of rated) {
    const ids = new Set<unknown>(relevant);
    const hits = (await search.search(question, 100)).map(({ id }) => ids.has(id));
    recall10 += hits.slice(0, 10).filter(Boolean).length / ids.size;
    recall100 += hits.filter(Boolean).length / ids.size;
    const first = hits.indexOf(true);
    if (first >= 0 && first < 10) mrr10 += 1 / (first + 1);
  }
  const count = rated.length;
  return { recall10: recall10 / count, recall100: recall100 / count, mrr10: mrr10 / count };
}
