import { answerRecord, printAnswer } from "../channels/terminal/print-answer.ts";
import type { ConversationTurn } from "../conversation/conversation-turn.ts";
import { AppError, messageOf } from "../errors.ts";
import { readJsonLines } from "../knowledge/jsonl.ts";

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

/**
 * Answers one question, or every line of a batch as a new conversation each, in order. A line of a batch that cannot
 * be answered is told on `err`, and with `json` it keeps its place by an object with `error`. Throws `http.bad_request`
 * where there is no question and where the batch cannot be read, and the reason of `signal`.
 */
export async function ask(
  question: string | undefined,
  { json, batch }: AskOptions,
  turn: ConversationTurn,
  streams: Streams,
  now: () => number,
  signal: AbortSignal,
): Promise<void> {
  const reply = async (id: string | number, text: string) => {
    const started = now();
    const { answer } = await turn.reply(text, [], () => {}, signal);
    streams.out(
      json ? `${JSON.stringify(answerRecord(id, text, answer, now() - started))}\n` : printAnswer(answer),
    );
  };
  if (batch === undefined) {
    if (question === undefined || question.trim() === "")
      throw new AppError("http.bad_request", '请写下问题，例如：npm run ask -- "公司不签合同怎么办"');
    await reply("0", question);
    return;
  }
  for await (const line of readJsonLines(batch)) {
    signal.throwIfAborted();
    const { record = {}, fault = '没有 "question" 或 "message"' } = line;
    const id = typeof record.id === "number" ? record.id : String(record.id ?? line.number - 1);
    const text = record.question ?? record.message;
    try {
      if (typeof text !== "string") throw new AppError("http.bad_request", fault);
      await reply(id, text);
    } catch (error) {
      signal.throwIfAborted();
      const reason = messageOf(error);
      streams.err(`${batch} 第 ${line.number} 行：${reason}\n`);
      if (json) streams.out(`${JSON.stringify({ id, question: text, error: reason })}\n`);
    }
  }
}
