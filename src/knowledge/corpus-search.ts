import { AppError } from "../errors.ts";
import type { Chunk } from "./chunk.ts";
import type { Embedder } from "./embedding/embedder.ts";
import { buildIndex } from "./generations/build-index.ts";
import { readJsonLines } from "./jsonl.ts";
import {
  type DocumentInfo,
  type IndexEntry,
  type IndexedChunk,
  withoutTexts,
} from "./retrieval/index-entries.ts";
import type { VectorEngine } from "./retrieval/open-vector-index.ts";
import { SearchIndex } from "./retrieval/search-index.ts";
import type { Tokenizer } from "./retrieval/tokenizer.ts";

export { readJsonl } from "./jsonl.ts";

/** An id as the foreign corpus has it. */
export type ForeignId = string | number;

export interface ForeignHit {
  readonly id: ForeignId;
  readonly score: number;
}

/** What words of the fields beside `text` weigh. */
const otherFieldWeight = 0.5;

/** The product's own search over somebody else's texts, in memory, for evaluation. */
export class CorpusSearch {
  readonly #index: SearchIndex;
  readonly #ids: readonly ForeignId[];

  private constructor(index: SearchIndex, ids: readonly ForeignId[]) {
    this.#index = index;
    this.#ids = ids;
  }

  /** Indexes a JSONL file, gzipped or not, of `{id, text, …}`; other string fields are searchable too. */
  static async load(
    file: string,
    tools: { tokenizer: Tokenizer; embedder: Embedder; engine: VectorEngine },
    signal?: AbortSignal,
  ): Promise<CorpusSearch> {
    const ids: ForeignId[] = [];
    const chunks: IndexedChunk[] = [];
    const entries: IndexEntry[] = [];
    for await (const line of readJsonLines(file)) {
      signal?.throwIfAborted();
      const { record = {} } = line;
      const fault = line.fault ?? faultOf(record);
      if (fault !== undefined)
        throw new AppError("knowledge.document_refused", `${file} 第 ${line.number} 行${fault}`);
      const id = record.id as ForeignId;
      const text = record.text as string;
      const others = Object.entries(record).flatMap(([key, value]) =>
        key !== "id" && key !== "text" && typeof value === "string" ? [value] : [],
      );
      const position = ids.length;
      ids.push(id);
      const document = foreignDocument(record);
      chunks.push({ chunk: foreignChunk(String(position), text, record), document });
      entries.push({
        chunk: position,
        role: "passage",
        fields: [{ text, weight: 1 }, ...others.map((other) => ({ text: other, weight: otherFieldWeight }))],
        ...(document.kind === "law" ? { series: document.id } : {}),
        embedded: document.title === "" ? text : `${document.title} ${text}`,
      });
    }
    const built = await buildIndex(entries, tools, () => signal?.throwIfAborted());
    return new CorpusSearch(
      new SearchIndex(
        { chunks, entries: withoutTexts(entries), ...built.index },
        tools.tokenizer,
        tools.embedder,
      ),
      ids,
    );
  }

  get size(): number {
    return this.#ids.length;
  }

  /** What the first stage finds, one id a candidate, for training the second. */
  async gather(text: string): Promise<{ readonly rows: Float32Array; readonly ids: readonly ForeignId[] }> {
    const { candidates, rows } = await this.#index.gather({ text, limit: 100 });
    return { rows, ids: candidates.map(({ position }) => this.#ids[position] as ForeignId) };
  }

  /** The best `top` records, best first, ids distinct. */
  async search(text: string, top: number): Promise<ForeignHit[]> {
    const found = await this.#index.search({ text, limit: top });
    const seen = new Set<ForeignId>();
    return found.flatMap(({ chunk, score }) => {
      const id = this.#ids[Number(chunk.id)] as ForeignId;
      if (seen.has(id)) return [];
      seen.add(id);
      return [{ id, score }];
    });
  }
}

function faultOf({ id, text }: Readonly<Record<string, unknown>>): string | undefined {
  const isId = typeof id === "string" || typeof id === "number";
  return isId && typeof text === "string" ? undefined : '要有 "id" 和 "text"';
}

function foreignChunk(id: string, text: string, record: Readonly<Record<string, unknown>>): Chunk {
  const label = typeof record.article === "string" ? { label: record.article } : {};
  return { id, documentId: id, contentHash: "", ordinal: 0, section: 0, path: [], text, ...label };
}

/** The law's name, where the corpus has one, lets a question name its law. */
function foreignDocument(record: Readonly<Record<string, unknown>>): DocumentInfo {
  const title = typeof record.law === "string" ? record.law : "";
  return {
    id: title,
    origin: "added",
    path: "",
    title,
    kind: title === "" ? "document" : "law",
    region: "全国",
    audience: [],
    sources: [],
    questions: [],
    contentHash: "",
    warnings: [],
  };
}
