import { BM25Retriever } from "@langchain/community/retrievers/bm25";
import { HNSWLib } from "@langchain/community/vectorstores/hnswlib";
import { Document } from "@langchain/core/documents";
import { create, insertMultiple, search as searchOrama } from "@orama/orama";
import MiniSearch from "minisearch";
import { createKnowledgeTools } from "../../../src/knowledge/knowledge-tools.ts";
import type { Contender } from "./contender.ts";
import { createSpacer, readArticleTexts } from "./read-articles.ts";

/** What words of law, article, date and category weigh, as in the product's search over a foreign corpus. */
const otherFieldWeight = 0.5;

export async function createMiniSearch(): Promise<Contender> {
  const cut = createSpacer();
  const engine = new MiniSearch({
    fields: ["text", "others"],
    tokenize: (text) => text.split(" "),
    processTerm: (term) => term,
    searchOptions: { boost: { others: otherFieldWeight } },
  });
  return {
    index: async (articles) => {
      for await (const { id, text, others } of readArticleTexts(articles))
        engine.add({ id, text: cut(text), others: cut(others) });
    },
    search: async (question, top) =>
      engine
        .search(cut(question))
        .slice(0, top)
        .map(({ id }) => String(id)),
  };
}

export async function createOrama(): Promise<Contender> {
  const cut = createSpacer();
  const engine = create({
    schema: { text: "string", others: "string" } as const,
    components: {
      tokenizer: {
        language: "chinese",
        normalizationCache: new Map(),
        tokenize: (text: string) => text.split(" "),
      },
    },
  });
  return {
    index: async (articles) => {
      const records: { id: string; text: string; others: string }[] = [];
      for await (const { id, text, others } of readArticleTexts(articles))
        records.push({ id, text: cut(text), others: cut(others) });
      await insertMultiple(engine, records, 1_000);
    },
    search: async (question, top) => {
      const { hits } = await searchOrama(engine, {
        term: cut(question),
        limit: top,
        boost: { others: otherFieldWeight },
      });
      return hits.map(({ id }) => id);
    },
  };
}

export async function createLangChainBm25(): Promise<Contender> {
  const cut = createSpacer();
  let retriever: BM25Retriever | undefined;
  return {
    index: async (articles) => {
      const documents: Document[] = [];
      for await (const { id, text } of readArticleTexts(articles))
        documents.push(new Document({ id, pageContent: cut(text) }));
      // How many it returns is fixed here, for every question the same.
      retriever = BM25Retriever.fromDocuments(documents, { k: 100, includeScore: false });
    },
    search: async (question, top) => {
      const found = (await retriever?.invoke(cut(question))) ?? [];
      return found.slice(0, top).map(({ id }) => String(id));
    },
  };
}

export async function createLangChainHnsw(): Promise<Contender> {
  const { embedder } = await createKnowledgeTools();
  const plainVectors = {
    embedDocuments: async (texts: string[]) =>
      (await embedder.embedDocuments(texts)).map((vector) => Array.from(vector)),
    embedQuery: async (text: string) => Array.from(await embedder.embedQuery(text)),
  };
  let store: HNSWLib | undefined;
  return {
    index: async (articles) => {
      const documents: Document[] = [];
      for await (const { id, text } of readArticleTexts(articles))
        documents.push(new Document({ pageContent: text, metadata: { id } }));
      store = await HNSWLib.fromDocuments(documents, plainVectors);
    },
    search: async (question, top) => {
      const found = (await store?.similaritySearch(question, top)) ?? [];
      return found.map(({ metadata }) => String(metadata.id));
    },
  };
}
