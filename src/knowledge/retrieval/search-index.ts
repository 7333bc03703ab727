import type { Chunk } from "../chunk.ts";
import { isInForce } from "../documents/in-force.ts";
import type { Embedder } from "../embedding/embedder.ts";
import { articleReferences, namedTitles } from "./article-references.ts";
import { fuseRankings } from "./fuse-rankings.ts";
import type { DocumentInfo, IndexEntry, IndexedChunk } from "./index-entries.ts";
import type { Tokenizer } from "./tokenizer.ts";
import type { VectorIndex } from "./vector-index.ts";
import type { RankedEntry, WordIndex } from "./word-index.ts";

export interface SearchQuery {
  readonly text: string;
  /** How many chunks are wanted. */
  readonly limit: number;
  /** ISO date whose law is asked for; what was not in force then is left out. Undefined: in force or not. */
  readonly asOf?: string;
  /** Documents of another place than 全国 and this one are left out. Undefined: every place. */
  readonly region?: string;
  /** Only chunks of this document. */
  readonly documentId?: string;
  /** Ids of documents to leave out. */
  readonly without?: ReadonlySet<string>;
}

/** A chunk as search returns it. */
export interface ScoredChunk {
  readonly chunk: Chunk;
  readonly document: DocumentInfo;
  /** For the order only: higher is better. */
  readonly score: number;
  /** Which share of the question's words, rare ones counting more, the best key of the chunk contains: 0 to 1. */
  readonly coverage: number;
  /** Cosine of the question and the nearest key of the chunk; 0 where it was not among the nearest. */
  readonly similarity: number;
}

export interface IndexParts {
  readonly chunks: readonly IndexedChunk[];
  readonly entries: readonly Pick<IndexEntry, "chunk" | "role">[];
  readonly words: WordIndex;
  readonly bigrams: WordIndex;
  readonly vectors: VectorIndex;
}

/** How many keys each ranking contributes at least. */
const depth = 100;
/** Weights of the three rankings; how they were chosen stands in the card of the embedder. */
const weights = { words: 1, bigrams: 0.4, vectors: 3 };
/** What covering the whole question adds, on the scale where being first everywhere is 1. */
const coverageWeight = 0.4;
const articleBonus = 3;
const lawBonus = 1;

/** One index over one fixed set of chunks. Holds no connection and changes nothing: a turn can pin it. */
export class SearchIndex {
  readonly #parts: IndexParts;
  readonly #tokenizer: Tokenizer;
  readonly #embedder: Embedder;
  /** Positions of each document's chunks, and of the keys that lead to them. */
  readonly #documents = new Map<string, { chunks: number[]; entries: number[] }>();

  constructor(parts: IndexParts, tokenizer: Tokenizer, embedder: Embedder) {
    this.#parts = parts;
    for (const [position, { document }] of parts.chunks.entries()) {
      const known = this.#documents.get(document.id);
      if (known === undefined) this.#documents.set(document.id, { chunks: [position], entries: [] });
      else known.chunks.push(position);
    }
    for (const [entry, { chunk }] of parts.entries.entries()) {
      this.#documents.get(parts.chunks[chunk]?.document.id ?? "")?.entries.push(entry);
    }
    this.#tokenizer = tokenizer;
    this.#embedder = embedder;
  }

  get size(): number {
    return this.#parts.chunks.length;
  }

  get engine(): VectorIndex["engine"] {
    return this.#parts.vectors.engine;
  }

  /** Chunks of the documents that the index holds, for reading a whole document around a hit. */
  chunksOf(documentId: string): IndexedChunk[] {
    const positions = this.#documents.get(documentId)?.chunks ?? [];
    return positions.map((position) => this.#parts.chunks[position] as IndexedChunk);
  }

  async search(query: SearchQuery, signal?: AbortSignal): Promise<ScoredChunk[]> {
    const { chunks, entries, words, bigrams } = this.#parts;
    const accept = (entry: number) => {
      const document = chunks[(entries[entry] as IndexEntry).chunk]?.document;
      return document !== undefined && allows(query, document);
    };
    const terms = this.#tokenizer.tokenizeQuery(query.text);
    if (terms.bigrams.size === 0 && terms.words.size === 0) return [];
    const vector = await this.#embedder.embedQuery(terms.text, signal);
    const wanted = Math.max(depth, query.limit);
    const byWords = words.search(terms.words, wanted, accept);
    const byBigrams = bigrams.search(terms.bigrams, wanted, accept);
    const byVector = this.#nearest(vector, query, wanted, accept);

    const fused = fuseRankings([
      { weight: weights.words, ids: this.#chunksInOrder(byWords) },
      { weight: weights.bigrams, ids: this.#chunksInOrder(byBigrams) },
      { weight: weights.vectors, ids: this.#chunksInOrder(byVector) },
    ]);
    const best = (weights.words + weights.bigrams + weights.vectors) / 21;
    const wordCoverage = this.#bestByChunk(byWords, ({ coverage }) => coverage);
    const bigramCoverage = this.#bestByChunk(byBigrams, ({ coverage }) => coverage);
    const similarity = this.#bestByChunk(byVector, ({ score }) => score);
    const articles = articleReferences(terms.text);
    const laws = [...fused.keys()]
      .map((position) => (chunks[position] as IndexedChunk).document)
      .filter(({ kind }) => kind === "law");
    const named = namedTitles(
      terms.text,
      laws.map(({ title }) => title),
    );

    const scored: ScoredChunk[] = [];
    for (const [position, rankScore] of fused) {
      const { chunk, document } = chunks[position] as IndexedChunk;
      const coverage = ((wordCoverage.get(position) ?? 0) + (bigramCoverage.get(position) ?? 0)) / 2;
      const exact =
        chunk.label !== undefined && articles.includes(chunk.label) ? articleBonus * (0.5 + coverage) : 0;
      const law = named.has(document.title) ? lawBonus : 0;
      scored.push({
        chunk,
        document,
        score: rankScore / best + coverageWeight * coverage + exact + law,
        coverage,
        similarity: similarity.get(position) ?? 0,
      });
    }
    return scored
      .sort((left, right) => right.score - left.score || compare(left.chunk.id, right.chunk.id))
      .slice(0, query.limit);
  }

  #nearest(
    vector: Float32Array,
    { documentId }: SearchQuery,
    wanted: number,
    accept: (entry: number) => boolean,
  ): RankedEntry[] {
    // A question without any known feature is as near to one entry as to any other.
    if (vector.every((value) => value === 0)) return [];
    if (documentId === undefined) return this.#parts.vectors.search(vector, wanted, accept);
    // A filter that lets through a handful makes a graph search wander: these are compared one by one.
    const entries = this.#documents.get(documentId)?.entries ?? [];
    return this.#parts.vectors.rank(vector, entries.filter(accept));
  }

  #chunksInOrder(ranked: readonly RankedEntry[]): number[] {
    return [...new Set(ranked.map(({ entry }) => (this.#parts.entries[entry] as IndexEntry).chunk))];
  }

  #bestByChunk<Ranked extends RankedEntry>(
    ranked: readonly Ranked[],
    measure: (ranked: Ranked) => number,
  ): Map<number, number> {
    const best = new Map<number, number>();
    for (const found of ranked) {
      const { chunk } = this.#parts.entries[found.entry] as IndexEntry;
      best.set(chunk, Math.max(best.get(chunk) ?? 0, measure(found)));
    }
    return best;
  }
}

function allows(query: SearchQuery, document: DocumentInfo): boolean {
  if (query.documentId !== undefined && document.id !== query.documentId) return false;
  if (query.without?.has(document.id)) return false;
  if (query.asOf !== undefined && !isInForce(document, query.asOf)) return false;
  return query.region === undefined || document.region === "全国" || document.region === query.region;
}

const compare = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0);
