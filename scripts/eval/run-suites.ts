import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { shippedKnowledge } from "../../src/knowledge/knowledge-folder.ts";
import type { KnowledgeTools } from "../../src/knowledge/knowledge-tools.ts";
import { type GoldenQuestion, readGolden } from "../../src/knowledge/rehearsal/golden-questions.ts";
import { articlesAreHere, realMessagesFile, searchArticles, workerQuestionsFile } from "./articles.ts";
import { askGolden, askMessages, type Questioner } from "./ask-lines.ts";
import { readMessages } from "./real-messages.ts";
import type { EvaluatedSuite } from "./suite.ts";

/** Runs every suite whose questions are here. */
export async function runSuites(
  questioner: Questioner,
  createTools: () => Promise<KnowledgeTools>,
  onMiss: (description: string) => void,
): Promise<{ suites: EvaluatedSuite[]; skipped: string[] }> {
  const suites: EvaluatedSuite[] = [];
  const skipped: string[] = [];
  for (const [name, lines] of await shippedQuestions())
    suites.push({ name, lines: await askGolden(questioner, lines, onMiss) });
  if (existsSync(workerQuestionsFile)) {
    const lines = await readGolden(workerQuestionsFile);
    suites.push({ name: "worker questions", lines: await askGolden(questioner, lines, onMiss) });
  } else skipped.push(skip("worker questions"));
  if (existsSync(realMessagesFile)) {
    const messages = await readMessages(realMessagesFile);
    suites.push({ name: "real messages", lines: await askMessages(questioner, messages, onMiss) });
  } else skipped.push(skip("real messages"));
  if (articlesAreHere())
    suites.push({ name: "STARD, held out", lines: await searchArticles(await createTools()) });
  else skipped.push(skip("STARD"));
  return { suites, skipped };
}

const skip = (suite: string) => `${suite}: skipped, the files beside the checkout are not here`;

/**
 * The golden questions: those of a guide by the parity of their line, because weights of the search were chosen on the
 * even ones, and the blind ones, written without looking at the guides.
 */
async function shippedQuestions(
  folder = join(shippedKnowledge, "golden"),
): Promise<Map<string, GoldenQuestion[]>> {
  const suites = new Map<string, GoldenQuestion[]>();
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith(".jsonl")) continue;
    const lines = await readGolden(join(folder, file));
    for (const [i, line] of lines.entries()) {
      const parity = i % 2 === 0 ? "golden, odd lines" : "golden, even lines";
      const suite = file.startsWith("blind") ? "blind" : parity;
      suites.set(suite, [...(suites.get(suite) ?? []), line]);
    }
  }
  return suites;
}
