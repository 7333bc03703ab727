/** A search library, or a part of ours, over the same articles. */
export interface Contender {
  /** Reads the articles (JSONL of `{id, text, …}`) and makes them searchable. */
  index(articles: string): Promise<void>;
  /** Ids of the best `top` articles, the best first. */
  search(question: string, top: number): Promise<string[]>;
}

/** How many of so many questions are asked before the clock counts: code is compiled and caches are warm then. */
export const warmUpOf = (questions: number): number => (questions >= 60 ? 30 : 0);

/** What one contender did in a process of its own. */
export interface ContenderRun {
  readonly indexSeconds: number;
  /** Processor time of indexing, in seconds. */
  readonly indexProcessorSeconds: number;
  /** Megabytes above the empty process: the most while it indexed, and once it has answered and cleaned up. */
  readonly peakMb: number;
  readonly restMb: number;
  /** Mean processor time of a question after those of the warm-up in milliseconds: what a busy machine does not change. */
  readonly processorMs: number;
  /** One for each question, in their order: milliseconds, and the ids that were found. */
  readonly answers: readonly { readonly ms: number; readonly found: readonly string[] }[];
}

/** What a contender is worth, over the questions that it was asked. */
export interface ContenderScore {
  readonly name: string;
  readonly questions: number;
  readonly indexSeconds: number;
  readonly indexProcessorSeconds: number;
  readonly peakMb: number;
  readonly restMb: number;
  readonly p50: number;
  readonly p95: number;
  readonly processorMs: number;
  readonly recall10: number;
  readonly recall100: number;
  readonly mrr10: number;
}

export interface SearchComparison {
  readonly articles: number;
  readonly scores: readonly ContenderScore[];
  /** Our scores over the questions that each contender was asked, in the order of `scores`. */
  readonly ours: readonly ContenderScore[];
  /** Share of the ten nearest by brute force that the vector indexes find, by contender. */
  readonly overlap: ReadonlyMap<string, number>;
}

export interface ContenderInfo {
  readonly name: string;
  /** Module beside this one, and its export that makes the contender. */
  readonly module: "./our-contenders.ts" | "./peer-contenders.ts";
  readonly create: string;
  /** How many questions it is asked at most. Default: all. */
  readonly mostQuestions?: number;
}

/** The first is what the others are held against. */
export const contenders: readonly ContenderInfo[] = [
  { name: "ours, all stages", module: "./our-contenders.ts", create: "createProduct" },
  { name: "ours, the vector index alone", module: "./our-contenders.ts", create: "createVectorIndex" },
  { name: "all vectors one by one", module: "./our-contenders.ts", create: "createScan" },
  { name: "plain BM25 loop", module: "./our-contenders.ts", create: "createPlainBm25" },
  { name: "MiniSearch", module: "./peer-contenders.ts", create: "createMiniSearch" },
  { name: "Orama", module: "./peer-contenders.ts", create: "createOrama" },
  { name: "LangChain HNSWLib", module: "./peer-contenders.ts", create: "createLangChainHnsw" },
  // Compares every article with every word by regular expressions: 60 questions take as long as all the rest.
  {
    name: "LangChain BM25Retriever",
    module: "./peer-contenders.ts",
    create: "createLangChainBm25",
    mostQuestions: 60,
  },
];
