import { extractClaims } from "../../src/answering/claims.ts";
import type { GroundedAnswer } from "../../src/answering/grounded-answer.ts";
import { selectSupport } from "../../src/answering/select-passages.ts";
import { createInMemoryKnowledge, createTurn, today } from "../../src/app.ts";
import type { Config } from "../../src/config.ts";
import { type GoldenQuestion, isExpected } from "../../src/knowledge/rehearsal/golden-questions.ts";
import type { Logger } from "../../src/telemetry/logger.ts";
import { describeMiss } from "./describe-miss.ts";
import { guideScores } from "./measures.ts";
import { isMessageExpected, type LabelledMessage } from "./real-messages.ts";
import { type EvaluatedLine, isDeclined, keyOf, type Scores } from "./suite.ts";

/** The product over the shipped knowledge in memory, asked one question after the other. */
export interface Questioner {
  answer(question: string): Promise<GroundedAnswer>;
  /** Ids of the guides that support an answer to the question, the best first, as many as ten. */
  guidesFor(question: string): Promise<string[]>;
  titleOf(guide: string): string | undefined;
}

export async function createQuestioner(config: Config, logger: Logger): Promise<Questioner> {
  const knowledge = await createInMemoryKnowledge(config);
  const turn = await createTurn(config, knowledge, logger);
  const { region } = knowledge.local().federation;
  return {
    answer: async (question) =>
      (await turn.reply(question, [], () => {}, new AbortController().signal)).answer,
    guidesFor: async (question) => {
      const hits = await knowledge.pin().search({ text: question, limit: 40, region, asOf: today() });
      return selectSupport(hits)
        .slice(0, 10)
        .map(({ document }) => document.id);
    },
    titleOf: (guide) => knowledge.pin().passagesOf(guide)[0]?.document.title,
  };
}

/** Asks golden questions; `onMiss` is told of every answer that is not as expected. */
export async function askGolden(
  questioner: Questioner,
  lines: readonly GoldenQuestion[],
  onMiss: (description: string) => void,
): Promise<EvaluatedLine[]> {
  const evaluated: EvaluatedLine[] = [];
  for (const line of lines) {
    const { id, question, topic, kind, guide } = line;
    const answer = await questioner.answer(question);
    const isHit = isExpected(line, answer);
    if (!isHit) onMiss(describeMiss(line, answer));
    const ofGuide =
      guide === undefined
        ? {}
        : {
            firstSource: Number(questioner.titleOf(guide) === answer.citations[0]?.document),
            ...guideScores(await questioner.guidesFor(question), guide),
          };
    evaluated.push(evaluate(keyOf(id, question), topic, answer, kind !== "out_of_scope", isHit, ofGuide));
  }
  return evaluated;
}

/** Sends real messages and judges what became of them by their label. */
export async function askMessages(
  questioner: Questioner,
  messages: readonly LabelledMessage[],
  onMiss: (description: string) => void,
): Promise<EvaluatedLine[]> {
  const evaluated: EvaluatedLine[] = [];
  for (const message of messages) {
    const { id, text, label } = message;
    const answer = await questioner.answer(text);
    const isHit = isMessageExpected(message, answer);
    // The words of real people are not printed.
    if (!isHit) onMiss(`message ${id}: a ${label}, came ${answer.state}, hand-over ${answer.handOver}`);
    evaluated.push(evaluate(keyOf(id, text), `real: ${label}`, answer, label !== "out_of_scope", isHit, {}));
  }
  return evaluated;
}

function evaluate(
  key: string,
  topic: string,
  answer: GroundedAnswer,
  ours: boolean,
  isHit: boolean,
  more: Scores,
): EvaluatedLine {
  const { state } = answer;
  const claims = countClaims(answer);
  return {
    key,
    topic,
    scores: {
      asExpected: Number(isHit),
      scopeRight: Number(ours !== isDeclined(state)),
      ...(claims.all === 0 ? {} : { faithful: claims.borneOut / claims.all }),
      ...more,
    },
    scope: { ours, state },
    claims,
  };
}

/** Claims of an answer, and how many of them the answer says the origin of. */
export function countClaims({ text, provenance }: Pick<GroundedAnswer, "text" | "provenance">) {
  const known = new Set(provenance.map(({ claim }) => claim));
  const claims = extractClaims(text);
  return { all: claims.length, borneOut: claims.filter(({ text: claim }) => known.has(claim)).length };
}
