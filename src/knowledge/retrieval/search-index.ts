import type { Chunk } from "../chunk.ts";
import { isInForce } from "../documents/in-force.ts";
import { withVersions } from "../documents/law-versions.ts";
import type { Embedder } from "../embedding/embedder.ts";
import { articleReferences } from "./article-references.ts";
import { type Candidate, candidateAt, gatherCandidates } from "./candidates.ts";
import { fuseRankings } from "./fuse-rankings.ts";
import type { DocumentInfo, IndexEntry, IndexedChunk } from "./index-entries.ts";
import { QueryReader, type ReadQuery } from "./query/read-query.ts";
import { rerankBest } from "./rerank-best.ts";
import type { Reranker } from "./reranker.ts";
import { DocumentSigns } from "./second-stage/document-signs.ts";
import { featuresOf, neighbourhood } from "./second-stage/features.ts";
import { namedBonuses } from "./second-stage/named-bonus.ts";
import { loadRankWeights, scoreRows } from "./second-stage/rank-rows.ts";
import type { SharedVectorIndex } from "./shared-vector-index.ts";
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
  /** Cosine of the question and the nearest key of the chunk. */
  readonly similarity: number;
}

export interface IndexParts {
  readonly chunks: readonly IndexedChunk[];
  readonly entries: readonly Pick<IndexEntry, "chunk" | "role">[];
  readonly words: WordIndex;
  readonly bigrams: WordIndex;
  readonly vectors: VectorIndex | SharedVectorIndex;
}

/** Parts of the search that can be left out, to see what each brings. */
export type SearchPart = "words" | "bigrams" | "vectors" | "second_stage" | "query_reading";

/** What the first stage found, before it is put in order. */
export interface FirstStage {
  readonly question: ReadQuery;
  readonly candidates: readonly Candidate[];
  /** One row of features a candidate. */
  readonly rows: Float32Array;
}

/** How many keys each ranking contributes at least. */
const depth = 120;
/** The neighbours of so many candidates become candidates too. */
const widened = 40;
const weights = loadRankWeights();

/** One index over one fixed set of chunks. Changes nothing: a turn can pin it. */
export class SearchIndex {
  readonly #parts: IndexParts;
  readonly #tokenizer: Tokenizer;
  readonly #embedder: Embedder;
  readonly #left: ReadonlySet<SearchPart>;
  readonly #reranker: Reranker | undefined;
  readonly #documents: DocumentSigns;
  #reader: QueryReader | undefined;

  constructor(
    parts: IndexParts,
    tokenizer: Tokenizer,
    embedder: Embedder,
    without: readonly SearchPart[] = [],
    reranker?: Reranker,
  ) {
    this.#parts = { ...parts, chunks: withVersions(parts.chunks) };
    this.#tokenizer = tokenizer;
    this.#embedder = embedder;
    this.#left = new Set(without);
    this.#reranker = reranker;
    this.#documents = new DocumentSigns(this.#parts.chunks, parts.entries);
  }

  get size(): number {
    return this.#parts.chunks.length;
  }

  get engine(): IndexParts["vectors"]["engine"] {
    return this.#parts.vectors.engine;
  }

  /** Chunks of the documents that the index holds, for reading a whole document around a hit. */
  chunksOf(documentId: string): IndexedChunk[] {
    return this.#documents.chunksOf(documentId).map((position) => this.#chunkAt(position));
  }

  async search(query: SearchQuery, signal?: AbortSignal): Promise<ScoredChunk[]> {
    const { question, candidates, rows } = await this.gather(query, signal);
    const scores = this.#left.has("second_stage") ? candidates.map(fuseRankings) : scoreRows(rows, weights);
    const found = candidates.map(({ position, words, bigrams, cosine }) => ({
      passage: this.#chunkAt(position),
      coverage: ((words?.coverage ?? 0) + (bigrams?.coverage ?? 0)) / 2,
      similarity: Math.max(0, cosine),
    }));
    const bonuses = namedBonuses(question.text, question, found);
    const sorted = found
      .map(({ passage, coverage, similarity }, i) => ({
        ...passage,
        score: (scores[i] as number) + (bonuses[i] as number),
        coverage,
        similarity,
      }))
      .sort((left, right) => right.score - left.score || compare(left.chunk.id, right.chunk.id));
    const { limit, text } = query;
    if (this.#reranker === undefined) return sorted.slice(0, limit);
    return (await rerankBest(this.#reranker, text, sorted, signal)).slice(0, limit);
  }

  /** The first stage: what words, pairs of characters and vectors find, and what stands beside it. */
  async gather(query: SearchQuery, signal?: AbortSignal): Promise<FirstStage> {
    const { entries, words, bigrams } = this.#parts;
    const question = this.#read(query.text);
    const terms = this.#tokenizer.tokenizeQuery(question.text, question.added);
    if (this.size === 0 || (terms.bigrams.size === 0 && terms.words.size === 0))
      return { question, candidates: [], rows: new Float32Array() };
    const meant = question.added.filter((word) => !/\d/u.test(word));
    const vector = await this.#embedder.embedQuery([terms.text, ...meant].join(" "), signal);
    const acceptsChunk = (position: number) => allows(query, this.#chunkAt(position).document);
    const chunkOf = (entry: number) => (entries[entry] as IndexEntry).chunk;
    const accept = isOpen(query) ? undefined : (entry: number) => acceptsChunk(chunkOf(entry));
    const wanted = Math.max(depth, query.limit);
    const candidates = gatherCandidates(
      {
        words: this.#left.has("words") ? [] : words.search(terms.words, wanted, accept),
        bigrams: this.#left.has("bigrams") ? [] : bigrams.search(terms.bigrams, wanted, accept),
        vectors: this.#left.has("vectors") ? [] : await this.#nearest(vector, query, wanted, accept, signal),
      },
      chunkOf,
    );
    if (!this.#left.has("second_stage")) this.#widen(candidates, acceptsChunk);
    await this.#measureCosines(vector, candidates, signal);
    const signsOf = (candidate: Candidate) => this.#documents.signsOf(candidate);
    return { question, candidates, rows: featuresOf(candidates, signsOf, terms.bigrams) };
  }

  #read(text: string): ReadQuery {
    if (this.#left.has("query_reading"))
      return { text, corrections: [], added: [], articles: articleReferences(text), laws: [] };
    this.#reader ??= new QueryReader({
      vocabulary: this.#parts.words.terms(),
      segment: (normal) => this.#tokenizer.words(normal),
    });
    return this.#reader.read(text);
  }

  #chunkAt(position: number): IndexedChunk {
    return this.#parts.chunks[position] as IndexedChunk;
  }

  async #nearest(
    vector: Float32Array,
    { documentId }: SearchQuery,
    wanted: number,
    accept?: (entry: number) => boolean,
    signal?: AbortSignal,
  ): Promise<RankedEntry[]> {
    // A question without any known feature is as near to one entry as to any other.
    if (vector.every((value) => value === 0)) return [];
    if (documentId === undefined) return this.#parts.vectors.search(vector, wanted, accept, signal);
    // A filter that lets through a handful makes a graph search wander: these are compared one by one.
    const entries = this.#documents
      .chunksOf(documentId)
      .flatMap((position) => this.#documents.entriesOf(position));
    return this.#parts.vectors.rank(vector, accept === undefined ? entries : entries.filter(accept), signal);
  }

  /** An article is often answered by the one beside it: the neighbours of the best become candidates. */
  #widen(candidates: Candidate[], accepts: (position: number) => boolean): void {
    const known = new Set(candidates.map(({ position }) => position));
    const best = [...candidates]
      .sort((left, right) => fuseRankings(right) - fuseRankings(left))
      .slice(0, widened);
    for (const { position } of best) {
      const { document } = this.#chunkAt(position);
      for (let other = position - neighbourhood; other <= position + neighbourhood; other++) {
        if (known.has(other) || this.#parts.chunks[other]?.document.id !== document.id) continue;
        if (!accepts(other)) continue;
        known.add(other);
        candidates.push(candidateAt(other));
      }
    }
  }

  /** By comparing one by one where the ranking of vectors does not tell. */
  async #measureCosines(
    vector: Float32Array,
    candidates: readonly Candidate[],
    signal?: AbortSignal,
  ): Promise<void> {
    const open: number[] = [];
    const chunks = new Map<number, Candidate>();
    for (const candidate of candidates) {
      candidate.cosine = candidate.vectors?.score ?? 0;
      if (candidate.vectors !== undefined) continue;
      chunks.set(candidate.position, candidate);
      open.push(...this.#documents.entriesOf(candidate.position));
    }
    if (this.#left.has("vectors")) return;
    for (const { entry, score } of await this.#parts.vectors.rank(vector, open, signal)) {
      const candidate = chunks.get((this.#parts.entries[entry] as IndexEntry).chunk);
      if (candidate !== undefined) candidate.cosine = Math.max(candidate.cosine, score);
    }
  }
}

/** Whether every document may be found: then none need be looked at. */
const isOpen = ({ documentId, without, asOf, region }: SearchQuery) =>
  documentId === undefined && (without?.size ?? 0) === 0 && asOf === undefined && region === undefined;

function allows(query: SearchQuery, document: DocumentInfo): boolean {
  if (query.documentId !== undefined && document.id !== query.documentId) return false;
  if (query.without?.has(document.id)) return false;
  if (query.asOf !== undefined && !isInForce(document, query.asOf)) return false;
  return query.region === undefined || document.region === "全国" || document.region === query.region;
}

const compare = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0);
