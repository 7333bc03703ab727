import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { AppError } from "../errors.ts";
import type { Chunk } from "./chunk.ts";
import type { Embedder } from "./embedding/embedder.ts";
import { type BuildProgress, buildIndex } from "./generations/build-index.ts";
import type { DocumentInfo, IndexEntry, IndexedChunk } from "./retrieval/index-entries.ts";
import type { VectorEngine } from "./retrieval/open-vector-index.ts";
import { SearchIndex } from "./retrieval/search-index.ts";
import type { Tokenizer } from "./retrieval/tokenizer.ts";

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
    onProgress?: BuildProgress,
  ): Promise<CorpusSearch> {
    const ids: ForeignId[] = [];
    const chunks: IndexedChunk[] = [];
    const entries: IndexEntry[] = [];
    for await (const record of readJsonl(file)) {
      const { id, text } = record;
      if ((typeof id !== "string" && typeof id !== "number") || typeof text !== "string") {
        throw new AppError(
          "knowledge.document_refused",
          `${file}: line ${ids.length + 1} needs an "id" and a "text"`,
        );
      }
      const others = Object.entries(record).flatMap(([key, value]) =>
        key !== "id" && key !== "text" && typeof value === "string" ? [value] : [],
      );
      const position = ids.length;
      ids.push(id);
      chunks.push({ chunk: foreignChunk(String(position), record), document: foreignDocument(record) });
      entries.push({
        chunk: position,
        role: "passage",
        fields: [{ text, weight: 1 }, ...others.map((other) => ({ text: other, weight: otherFieldWeight }))],
        embedded: text,
      });
    }
    const built = await buildIndex(entries, tools, onProgress);
    const slim = entries.map(({ chunk, role }) => ({ chunk, role }));
    return new CorpusSearch(
      new SearchIndex({ chunks, entries: slim, ...built }, tools.tokenizer, tools.embedder),
      ids,
    );
  }

  get size(): number {
    return this.#ids.length;
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

/** Records of a JSONL file; `.gz` is unpacked on the way. A broken line is named by its number. */
export async function* readJsonl(file: string): AsyncGenerator<Record<string, unknown>> {
  const raw = createReadStream(file);
  const input = file.endsWith(".gz") ? raw.pipe(createGunzip()) : raw;
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    if (line.trim() === "") continue;
    let record: unknown;
    try {
      record = JSON.parse(line);
    } catch (cause) {
      throw new AppError("http.bad_request", `${file}: line ${number} is not JSON`, { cause });
    }
    if (typeof record !== "object" || record === null || Array.isArray(record))
      throw new AppError("http.bad_request", `${file}: line ${number} is not a JSON object`);
    yield record as Record<string, unknown>;
  }
}

function foreignChunk(id: string, record: Record<string, unknown>): Chunk {
  const label = typeof record.article === "string" ? { label: record.article } : {};
  return { id, documentId: id, contentHash: "", ordinal: 0, section: 0, path: [], text: "", ...label };
}

/** The law's name, where the corpus has one, lets a question name its law. */
function foreignDocument(record: Record<string, unknown>): DocumentInfo {
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
