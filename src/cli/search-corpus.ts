import { AppError } from "../errors.ts";
import { CorpusSearch, readJsonl } from "../knowledge/corpus-search.ts";
import type { KnowledgeTools } from "../knowledge/knowledge-tools.ts";
import type { Streams } from "./ask.ts";

export interface CorpusSearchOptions {
  readonly corpus: string;
  readonly text?: string;
  readonly batch?: string;
  readonly top: number;
}

/** Indexes a foreign corpus in memory and prints `{ id, hits }` for one text or for every line of a batch. */
export async function searchCorpus(
  { corpus, text, batch, top }: CorpusSearchOptions,
  tools: KnowledgeTools,
  streams: Streams,
): Promise<void> {
  if (text === undefined && batch === undefined)
    throw new AppError("http.bad_request", "请写下要检索的话，或用 --batch 给一个 JSONL 文件");
  const started = performance.now();
  const search = await CorpusSearch.load(corpus, tools);
  streams.err(`${search.size} 条已建索引，用时 ${((performance.now() - started) / 1_000).toFixed(1)} 秒\n`);
  const print = async (id: unknown, query: string) => {
    const hits = await search.search(query, top);
    streams.out(`${JSON.stringify({ id, hits })}\n`);
  };
  if (text !== undefined) await print("0", text);
  if (batch === undefined) return;
  let line = 0;
  for await (const record of readJsonl(batch)) {
    const query = record.question ?? record.text ?? record.message ?? record.query;
    if (typeof query === "string") await print(record.id ?? String(line), query);
    else streams.err(`${batch}: line ${line + 1} has no "question" or "text"\n`);
    line++;
  }
}
