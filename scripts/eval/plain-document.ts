import type { DocumentInfo } from "../../src/knowledge/retrieval/index-entries.ts";

/** A document of which nothing is known but its name and kind, in force everywhere. */
export function plainDocument(title: string, kind: DocumentInfo["kind"]): DocumentInfo {
  return {
    id: title,
    origin: "added",
    path: "",
    title,
    kind,
    region: "全国",
    audience: [],
    sources: [],
    questions: [],
    contentHash: "",
    warnings: [],
  };
}
