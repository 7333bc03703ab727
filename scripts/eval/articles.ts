import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CorpusSearch } from "../../src/knowledge/corpus-search.ts";
import { readJsonl } from "../../src/knowledge/jsonl.ts";
import type { KnowledgeTools } from "../../src/knowledge/knowledge-tools.ts";
import { foldOf } from "../train-embedder/folds.ts";
import { rankingScores } from "./measures.ts";
import { type EvaluatedLine, keyOf } from "./suite.ts";

/** Texts and questions that are not part of the repository: they stand beside the checkout, or are not there. */
const shared = fileURLToPath(new URL("../../../shared/", import.meta.url));
export const articlesFile = join(shared, "corpus", "articles.jsonl.gz");
export const ratedFile = join(shared, "eval", "stard-dev.jsonl");
export const workerQuestionsFile = join(shared, "eval", "worker-questions-dev.jsonl");
export const realMessagesFile = join(shared, "eval", "real-messages-dev.jsonl");

export const articlesAreHere = () => existsSync(articlesFile) && existsSync(ratedFile);

export interface RatedQuestion {
  readonly id: string;
  readonly question: string;
  /** Ids of the articles that answer it. */
  readonly relevant: ReadonlySet<unknown>;
  readonly labour: boolean;
}

/** STARD questions that were kept out of training and of every choice. */
export async function readHeldOut(file = ratedFile): Promise<RatedQuestion[]> {
  const questions: RatedQuestion[] = [];
  for await (const { id, question, relevant, labour } of readJsonl(file)) {
    if (typeof question !== "string" || !Array.isArray(relevant) || foldOf(String(id)) !== "held-out")
      continue;
    questions.push({ id: String(id), question, relevant: new Set(relevant), labour: labour === true });
  }
  return questions;
}

/** Searches the articles of Chinese law for every held-out question. */
export async function searchArticles(tools: KnowledgeTools): Promise<EvaluatedLine[]> {
  const corpus = await CorpusSearch.load(articlesFile, tools);
  const evaluated: EvaluatedLine[] = [];
  for (const { id, question, relevant, labour } of await readHeldOut()) {
    const found = (await corpus.search(question, 100)).map((hit) => hit.id);
    evaluated.push({
      key: keyOf(id, question),
      topic: labour ? "labour law" : "other law",
      scores: rankingScores(found, relevant),
    });
  }
  return evaluated;
}
