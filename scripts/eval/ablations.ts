import { readdirSync } from "node:fs";
import { join } from "node:path";
import { buildIndex } from "../../src/knowledge/generations/build-index.ts";
import { shippedKnowledge } from "../../src/knowledge/knowledge-folder.ts";
import type { KnowledgeTools } from "../../src/knowledge/knowledge-tools.ts";
import { type GoldenQuestion, readGolden } from "../../src/knowledge/rehearsal/golden-questions.ts";
import { withoutTexts } from "../../src/knowledge/retrieval/index-entries.ts";
import { type IndexParts, SearchIndex, type SearchPart } from "../../src/knowledge/retrieval/search-index.ts";
import { bigramsOf, normaliseForSearch, Tokenizer } from "../../src/knowledge/retrieval/tokenizer.ts";
import { drawBars } from "../charts/bar-chart.ts";
import { markdownTable, type ReportSection } from "../charts/report-section.ts";
import { readGuides } from "../train-embedder/read-sources.ts";
import { indexArticles } from "./article-parts.ts";
import { articlesAreHere, articlesFile, readHeldOut } from "./articles.ts";
import { guideScores, rankingScores } from "./measures.ts";

interface Variant {
  readonly name: string;
  readonly without: readonly SearchPart[];
  /** The question's words as they stand, without the lexicon: none rewritten, none added. */
  readonly literal?: boolean;
}

const plain: readonly SearchPart[] = ["second_stage", "query_reading"];
const variants: readonly Variant[] = [
  { name: "words alone (BM25)", without: [...plain, "bigrams", "vectors"], literal: true },
  { name: "character pairs alone (BM25)", without: [...plain, "words", "vectors"], literal: true },
  { name: "vectors alone", without: [...plain, "words", "bigrams"], literal: true },
  { name: "all three, fused", without: plain, literal: true },
  { name: "+ second stage", without: ["query_reading"], literal: true },
  { name: "+ lexicon", without: ["query_reading"] },
  { name: "+ question read: as shipped", without: [] },
];

/** What each part of the search brings: on guides (odd golden lines), and on articles where they are here. */
export async function runAblations(tools: KnowledgeTools): Promise<ReportSection> {
  const golden = await oddGoldenQuestions();
  const { chunks, entries } = await readGuides(shippedKnowledge);
  const { index } = await buildIndex(entries, tools);
  const guideParts = { chunks, entries: withoutTexts(entries), ...index };
  const articleParts = articlesAreHere() ? await indexArticles(articlesFile, tools) : undefined;
  const rated = articleParts === undefined ? [] : await readHeldOut();
  const asItStands = new LiteralTokenizer();

  const rows: { name: string; guides: readonly number[]; articles: readonly number[] }[] = [];
  for (const { name, without, literal = false } of variants) {
    const searchOf = (parts: IndexParts) =>
      new SearchIndex(parts, literal ? asItStands : tools.tokenizer, tools.embedder, without);
    const overGuides = searchOf(guideParts);
    const guides = await meanScores(golden, async ({ question, guide = "" }) => {
      const hits = await overGuides.search({ text: question, limit: 100, region: "重庆" });
      const documents = [...new Set(hits.map(({ document }) => document.id))];
      const { guideFirst, guideInThree, guideMrr10 } = guideScores(documents, guide);
      return [guideFirst, guideInThree, guideMrr10];
    });
    const overArticles = articleParts === undefined ? undefined : searchOf(articleParts);
    const articles = await meanScores(rated, async ({ question, relevant }) => {
      const hits = (await overArticles?.search({ text: question, limit: 100 })) ?? [];
      const found = hits.map(({ chunk }) => Number(chunk.id));
      const { recall10, recall100, mrr10 } = rankingScores(found, relevant);
      return [recall10, recall100, mrr10];
    });
    rows.push({ name, guides, articles });
  }

  const digits = (values: readonly number[]) => values.map((value) => value.toFixed(3));
  const table = markdownTable(
    ["search", "guide first", "guide in three", "MRR@10", "recall@10", "recall@100", "MRR@10"],
    rows.map(({ name, guides, articles }) => [
      name,
      ...digits(guides),
      ...(rated.length === 0 ? ["–", "–", "–"] : digits(articles)),
    ]),
  );
  return {
    name: "ablations",
    markdown: [
      "## What each part of the search brings",
      `\`npm run eval -- --ablations\`: the first three columns on ${golden.length} golden questions (odd lines) over the shipped guides, the others on ${rated.length} STARD questions (held out) over 63 503 articles${rated.length === 0 ? " (skipped: not here)" : ""}. Guides are taken in the order of the passages found, before the answer's own choice.`,
      table,
      "![What each part brings](charts/ablations.svg)",
    ].join("\n\n"),
    charts: {
      "ablations.svg": drawBars([
        panel(
          "Golden questions: right guide in three",
          rows.map(({ name, guides }) => [name, guides[1] ?? 0]),
        ),
        ...(rated.length === 0
          ? []
          : [
              panel(
                "STARD, held out: recall@10",
                rows.map(({ name, articles }) => [name, articles[0] ?? 0]),
              ),
            ]),
      ]),
    },
  };
}

function panel(title: string, shares: readonly (readonly [name: string, share: number])[]) {
  const bars = shares.map(([label, value], i) => ({
    label,
    value,
    shown: value.toFixed(3),
    own: i === shares.length - 1,
  }));
  return { title, most: 1, bars };
}

async function meanScores<Item>(
  items: readonly Item[],
  score: (item: Item) => Promise<readonly number[]>,
): Promise<number[]> {
  const sums: number[] = [];
  for (const item of items)
    for (const [i, value] of (await score(item)).entries()) sums[i] = (sums[i] ?? 0) + value;
  return sums.map((sum) => sum / items.length);
}

/** Weights of the search were chosen on the even ones. */
async function oddGoldenQuestions(folder = join(shippedKnowledge, "golden")): Promise<GoldenQuestion[]> {
  const files = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
  const read = await Promise.all(files.sort().map((name) => readGolden(join(folder, name))));
  return read.flatMap((lines) => lines.filter(({ guide }, i) => guide !== undefined && i % 2 === 0));
}

/** Takes a question as it stands. */
class LiteralTokenizer extends Tokenizer {
  override tokenizeQuery(question: string) {
    const text = normaliseForSearch(question);
    const once = (terms: readonly string[]) => new Map(terms.map((term) => [term, 1]));
    return { words: once(this.words(text)), bigrams: once(bigramsOf(text)), text };
  }
}
