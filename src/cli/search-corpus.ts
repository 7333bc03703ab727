import { AppError } from "../errors.ts";
import { CorpusSearch } from "../knowledge/corpus-search.ts";
import { readJsonLines } from "../knowledge/jsonl.ts";
import type { KnowledgeTools } from "../knowledge/knowledge-tools.ts";
import type { Streams } from "./ask.ts";

export interface CorpusSearchOptions {
  readonly corpus: string;
  readonly text?: string;
  readonly batch?: string;
  readonly top: number;
}

/**
 * Indexes a foreign corpus in memory and prints `{ id, hits }` for one text or for every line of a batch; a line
 * without a text is told on `err`. Throws `http.bad_request` where a file cannot be read, and the reason of `signal`.
 */
export async function searchCorpus(
  { corpus, text, batch, top }: CorpusSearchOptions,
  tools: KnowledgeTools,
  streams: Streams,
  signal: AbortSignal,
): Promise<void> {
  if (text === undefined && batch === undefined)
    throw new AppError("http.bad_request", "请写下要检索的话，或用 --batch 给一个 JSONL 文件");
  const started = performance.now();
  const search = await CorpusSearch.load(corpus, tools, signal);
  streams.err(`${search.size} 条已建索引，用时 ${((performance.now() - started) / 1_000).toFixed(1)} 秒\n`);
  const print = async (id: unknown, query: string) => {
    const hits = await search.search(query, top);
    streams.out(`${JSON.stringify({ id, hits })}\n`);
  };
  if (text !== undefined) await print("0", text);
  if (batch === undefined) return;
  for await (const line of readJsonLines(batch)) {
    signal.throwIfAborted();
    const { record = {}, fault = '没有 "question" 或 "text"' } = line;
    const query = record.question ?? record.text ?? record.message ?? record.query;
    if (typeof query === "string") await print(record.id ?? String(line.number - 1), query);
    else streams.err(`${batch} 第 ${line.number} 行：${fault}\n`);
  }
}
