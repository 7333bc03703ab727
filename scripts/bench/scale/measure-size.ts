import type { Embedder } from "../../../src/knowledge/embedding/embedder.ts";
import { buildIndex } from "../../../src/knowledge/generations/build-index.ts";
import type {
  DocumentInfo,
  IndexEntry,
  IndexedChunk,
} from "../../../src/knowledge/retrieval/index-entries.ts";
import { openVectorEngine } from "../../../src/knowledge/retrieval/open-vector-index.ts";
import { SearchIndex } from "../../../src/knowledge/retrieval/search-index.ts";
import { Tokenizer } from "../../../src/knowledge/retrieval/tokenizer.ts";
import { plainDocument } from "../../eval/plain-document.ts";
import { quantile } from "../figure.ts";
import { bestOf } from "../plain-bm25.ts";
import { SyntheticTexts } from "./synthetic-texts.ts";

/** What an index of one size costs. */
export interface SizeFigures {
  readonly chunks: number;
  readonly wordsSeconds: number;
  readonly vectorsSeconds: number;
  /** Megabytes that the index takes once it is built; texts are not counted. */
  readonly restMb: number;
  /** The most of the whole process meanwhile. */
  readonly peakMb: number;
  readonly p50: number;
  readonly p95: number;
  /** Mean processor time of a search in milliseconds: what a busy machine does not change. */
  readonly processorMs: number;
  /** Share of the questions whose chunk is among the first ten. */
  readonly foundShare: number;
  /** Share of the ten nearest vectors by brute force that the vector index finds. */
  readonly nearestShare: number;
}

const megabyte = 1_048_576;
/** The process is given up above this. */
const mostMb = 8_192;
const asked = 220;
const warmUp = 20;
const comparedExactly = 20;
const chunksPerDocument = 50;

/** Builds the product's index over so many invented chunks and searches it in all stages. */
export async function measureSize(size: number): Promise<SizeFigures> {
  const texts = new SyntheticTexts();
  const tokenizer = new SpaceTokenizer();
  const questions = Array.from({ length: asked }, (_, i) => {
    const chunk = Math.floor(((i + 0.5) * size) / asked);
    return { chunk, ...texts.question(chunk) };
  });
  let questionVector: Float32Array = new Float32Array();
  const embedder: Embedder = {
    version: "synthetic",
    embedDocuments: async (chunks) => chunks.map((chunk) => texts.vector(Number(chunk))),
    embedQuery: async () => questionVector,
  };
  globalThis.gc?.();
  const before = process.memoryUsage.rss();

  const entries = Array.from({ length: size }, (_, chunk) => new SyntheticEntry(chunk, texts));
  const engine = await openVectorEngine();
  const began = performance.now();
  let vectorsBegan = began;
  const { index } = await buildIndex(entries, { tokenizer, embedder, engine }, (stage, done) => {
    if (stage === "vectors" && done === 0) vectorsBegan = performance.now();
    const mb = process.memoryUsage.rss() / megabyte;
    if (mb > mostMb) throw new Error(`${size} chunks need more than ${mostMb} MB`);
  });
  const ended = performance.now();
  const search = new SearchIndex(
    { chunks: chunksOf(size), entries: entries.map(({ chunk, role }) => ({ chunk, role })), ...index },
    tokenizer,
    embedder,
  );
  const times: number[] = [];
  let found = 0;
  let spent = process.cpuUsage();
  for (const [i, { chunk, text, vector }] of questions.entries()) {
    if (i === warmUp) spent = process.cpuUsage();
    questionVector = vector;
    const started = performance.now();
    const hits = await search.search({ text, limit: 10 });
    if (i >= warmUp) times.push(performance.now() - started);
    if (hits.some((hit) => hit.chunk.id === String(chunk))) found += 1;
  }
  const { user, system } = process.cpuUsage(spent);
  globalThis.gc?.();
  const restMb = (process.memoryUsage.rss() - before) / megabyte;
  const compared = questions.slice(0, comparedExactly);
  const nearest = exactNearest(
    texts,
    size,
    compared.map(({ vector }) => vector),
  );
  const shares = compared.map(({ vector }, i) => {
    const exact = new Set(nearest[i]);
    return index.vectors.search(vector, 10).filter(({ entry }) => exact.has(entry)).length / exact.size;
  });
  return {
    chunks: size,
    wordsSeconds: (vectorsBegan - began) / 1_000,
    vectorsSeconds: (ended - vectorsBegan) / 1_000,
    restMb,
    peakMb: process.resourceUsage().maxRSS / 1_024,
    p50: quantile(times, 0.5),
    p95: quantile(times, 0.95),
    processorMs: (user + system) / 1_000 / times.length,
    foundShare: found / questions.length,
    nearestShare: shares.reduce((sum, share) => sum + share, 0) / shares.length,
  };
}

/** Invented words are parted by spaces; the segmenter would cut them at random. */
class SpaceTokenizer extends Tokenizer {
  override words(normalText: string): string[] {
    return normalText.split(" ");
  }
}

/** Makes its text when it is asked for, so that a million need no memory. */
class SyntheticEntry implements IndexEntry {
  readonly role = "passage";
  readonly chunk: number;
  readonly #texts: SyntheticTexts;

  constructor(chunk: number, texts: SyntheticTexts) {
    this.chunk = chunk;
    this.#texts = texts;
  }

  get fields() {
    return [{ text: this.#texts.text(this.chunk), weight: 1 }];
  }

  get embedded() {
    return String(this.chunk);
  }
}

function chunksOf(size: number): IndexedChunk[] {
  const documents = Array.from({ length: Math.ceil(size / chunksPerDocument) }, (_, i) =>
    plainDocument(String(i), "document"),
  );
  return Array.from({ length: size }, (_, i) => {
    const document = documents[Math.floor(i / chunksPerDocument)] as DocumentInfo;
    const ordinal = i % chunksPerDocument;
    const own = { documentId: document.id, contentHash: "", ordinal, section: 0, path: [], text: "" };
    return { chunk: { id: String(i), ...own }, document };
  });
}

/** The ten nearest chunks of each vector by comparing all; every chunk's vector is made once. */
function exactNearest(texts: SyntheticTexts, size: number, vectors: readonly Float32Array[]): number[][] {
  const scores = vectors.map(() => new Float32Array(size));
  for (let chunk = 0; chunk < size; chunk++) {
    const own = texts.vector(chunk);
    for (const [i, vector] of vectors.entries()) {
      let sum = 0;
      for (let d = 0; d < own.length; d++) sum += (own[d] as number) * (vector[d] as number);
      (scores[i] as Float32Array)[chunk] = sum;
    }
  }
  return scores.map((own) => bestOf(own, 10));
}
