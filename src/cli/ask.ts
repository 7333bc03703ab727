import { answerRecord, printAnswer } from "../channels/terminal/print-answer.ts";
import type { ConversationTurn } from "../conversation/conversation-turn.ts";
import { AppError, messageOf } from "../errors.ts";
import { readJsonl } from "../knowledge/corpus-search.ts";

export interface AskOptions {
  readonly json: boolean;
  /** JSONL file with a question a line. */
  readonly batch?: string;
}

/** What the command writes to: answers and nothing else go to `out`. */
export interface Streams {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** Answers one question, or every line of a batch as a new conversation each, in order. */
export async function ask(
  question: string | undefined,
  options: AskOptions,
  turn: ConversationTurn,
  streams: Streams,
  now: () => number,
): Promise<void> {
  const reply = async (id: string, text: string) => {
    const started = now();
    const { answer } = await turn.reply(text, [], () => {}, new AbortController().signal);
    streams.out(
      options.json
        ? `${JSON.stringify(answerRecord(id, text, answer, now() - started))}\n`
        : printAnswer(answer),
    );
  };
  if (options.batch === undefined) {
    if (question === undefined || question.trim() === "")
      throw new AppError("http.bad_request", '请写下问题，例如：npm run ask -- "公司不签合同怎么办"');
    await reply("0", question);
    return;
  }
  let line = 0;
  for await (const record of readJsonl(options.batch)) {
    const id = record.id === undefined ? String(line) : String(record.id);
    const text = record.question ?? record.message;
    line++;
    if (typeof text !== "string") {
      streams.err(`${options.batch}: line ${line} has no "question" or "message"\n`);
      if (options.json) streams.out(`${JSON.stringify({ id, error: 'no "question" or "message"' })}\n`);
      continue;
    }
    try {
      await reply(id, text);
    } catch (error) {
      // One bad line must not end the batch; what went wrong is said, and the line stays in its place.
      streams.err(`${options.batch}: line ${line}: ${messageOf(error)}\n`);
      if (options.json) streams.out(`${JSON.stringify({ id, question: text, error: messageOf(error) })}\n`);
    }
  }
}
