import type { Chunk } from "../../src/knowledge/chunk.ts";
import { createKnowledgeTools } from "../../src/knowledge/knowledge-tools.ts";
import type { DocumentInfo } from "../../src/knowledge/retrieval/index-entries.ts";

/** Dictionary, embedder and vector engine, once a test file: the dictionary takes a second to read. */
export const tools = await createKnowledgeTools();

/** A document with a chunk for each text; a label before `|` makes it an article. */
export function documentOf(
  id: string,
  texts: readonly string[],
  about: Partial<DocumentInfo> = {},
): { document: DocumentInfo; chunks: Chunk[] } {
  const document: DocumentInfo = {
    id,
    origin: "library",
    path: `${id}.md`,
    title: id,
    kind: "guide",
    region: "全国",
    audience: [],
    sources: [],
    questions: [],
    contentHash: `hash-${id}`,
    warnings: [],
    ...about,
  };
  const chunks = texts.map((written, ordinal): Chunk => {
    const [label, text] = written.includes("|") ? written.split("|") : [undefined, written];
    return {
      id: `${id}-${ordinal}`,
      documentId: id,
      contentHash: document.contentHash,
      ordinal,
      section: ordinal,
      path: [document.title],
      ...(label === undefined ? {} : { label }),
      text: text as string,
    };
  });
  return { document, chunks };
}
