import { CorpusSearch } from "../../../src/knowledge/corpus-search.ts";
import { createKnowledgeTools } from "../../../src/knowledge/knowledge-tools.ts";
import type { VectorIndex } from "../../../src/knowledge/retrieval/vector-index.ts";
import { bestOf, PlainBm25 } from "../plain-bm25.ts";
import type { Contender } from "./contender.ts";
import { createSpacer, readArticleTexts } from "./read-articles.ts";

/** The product's search: words, pairs and vectors, fused and ordered. */
export async function createProduct(): Promise<Contender> {
  const tools = await createKnowledgeTools();
  let corpus: CorpusSearch | undefined;
  return {
    index: async (articles) => {
      corpus = await CorpusSearch.load(articles, tools);
    },
    search: async (question, top) => (await corpus?.search(question, top))?.map(({ id }) => String(id)) ?? [],
  };
}

/** The graph of vectors that the product's search is a part of. */
export async function createVectorIndex(): Promise<Contender> {
  const { embedder, engine } = await createKnowledgeTools();
  const ids: string[] = [];
  let index: VectorIndex | undefined;
  return {
    index: async (articles) => {
      const vectors: Float32Array[] = [];
      for await (const { id, text } of readArticleTexts(articles)) {
        ids.push(id);
        vectors.push(await embedder.embedQuery(text));
      }
      index = engine.build(vectors);
    },
    search: async (question, top) => {
      const found = index?.search(await embedder.embedQuery(question), top) ?? [];
      return found.map(({ entry }) => ids[entry] as string);
    },
  };
}

/** Brute force: the question's vector against every other. */
export async function createScan(): Promise<Contender> {
  const { embedder } = await createKnowledgeTools();
  const ids: string[] = [];
  const vectors: Float32Array[] = [];
  return {
    index: async (articles) => {
      for await (const { id, text } of readArticleTexts(articles)) {
        ids.push(id);
        vectors.push(await embedder.embedQuery(text));
      }
    },
    search: async (question, top) => {
      const query = await embedder.embedQuery(question);
      const scores = new Float32Array(vectors.length);
      for (const [place, vector] of vectors.entries()) {
        let sum = 0;
        for (let i = 0; i < query.length; i++) sum += (vector[i] as number) * (query[i] as number);
        scores[place] = sum;
      }
      return bestOf(scores, top).map((place) => ids[place] as string);
    },
  };
}

/** BM25 in fifty lines over the same words. */
export async function createPlainBm25(): Promise<Contender> {
  const cut = createSpacer();
  const ids: string[] = [];
  const bm25 = new PlainBm25();
  return {
    index: async (articles) => {
      for await (const { id, text } of readArticleTexts(articles)) {
        ids.push(id);
        bm25.add(cut(text).split(" "));
      }
    },
    search: async (question, top) =>
      bm25.search(cut(question).split(" "), top).map((place) => ids[place] as string),
  };
}
