import { buildIndex } from "../../src/knowledge/generations/build-index.ts";
import { readJsonl } from "../../src/knowledge/jsonl.ts";
import type { KnowledgeTools } from "../../src/knowledge/knowledge-tools.ts";
import {
  type DocumentInfo,
  type IndexEntry,
  type IndexedChunk,
  withoutTexts,
} from "../../src/knowledge/retrieval/index-entries.ts";
import type { IndexParts } from "../../src/knowledge/retrieval/search-index.ts";
import { plainDocument } from "./plain-document.ts";

/** What words of law, article, date and category weigh, as in `CorpusSearch`. */
const otherFieldWeight = 0.5;

/**
 * The indexes over the articles as `CorpusSearch` builds them, open, so that searches of several kinds can share them.
 * A chunk's id is the article's.
 */
export async function indexArticles(file: string, tools: KnowledgeTools): Promise<IndexParts> {
  const chunks: IndexedChunk[] = [];
  const entries: IndexEntry[] = [];
  const laws = new Map<string, DocumentInfo>();
  for await (const { id, text, law, article, ...rest } of readJsonl(file)) {
    const others = [law, article, ...Object.values(rest)].filter((value) => typeof value === "string");
    const document = laws.get(String(law)) ?? plainDocument(String(law), "law");
    laws.set(document.id, document);
    const own = {
      id: String(id),
      documentId: String(law),
      contentHash: "",
      ordinal: 0,
      section: 0,
      path: [],
    };
    entries.push({
      chunk: chunks.length,
      role: "passage",
      fields: [
        { text: String(text), weight: 1 },
        ...others.map((other) => ({ text: other, weight: otherFieldWeight })),
      ],
      embedded: String(text),
    });
    chunks.push({ chunk: { ...own, text: String(text), label: String(article) }, document });
  }
  const { index } = await buildIndex(entries, tools);
  return { chunks, entries: withoutTexts(entries), ...index };
}
