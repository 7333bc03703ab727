import { createEmbedder, type EmbedderSettings } from "./embedding/create-embedder.ts";
import type { Embedder } from "./embedding/embedder.ts";
import { openVectorEngine, type VectorEngine } from "./retrieval/open-vector-index.ts";
import type { Reranker } from "./retrieval/reranker.ts";
import { Tokenizer } from "./retrieval/tokenizer.ts";

/** What every way of indexing and searching shares: built once per process. */
export interface KnowledgeTools {
  readonly tokenizer: Tokenizer;
  readonly embedder: Embedder;
  readonly embedderSettings: EmbedderSettings;
  readonly engine: VectorEngine;
  readonly reranker?: Reranker;
}

export async function createKnowledgeTools(
  embedderSettings: EmbedderSettings = { kind: "local" },
  reranker?: Reranker,
): Promise<KnowledgeTools> {
  const tokenizer = new Tokenizer();
  return {
    tokenizer,
    embedder: createEmbedder(embedderSettings, tokenizer),
    embedderSettings,
    engine: await openVectorEngine(),
    ...(reranker === undefined ? {} : { reranker }),
  };
}
