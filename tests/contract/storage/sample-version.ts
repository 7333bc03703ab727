import type { StoredVersion } from "../../../src/knowledge/knowledge-store.ts";
import type { PolicyDocument } from "../../../src/knowledge/policy-document.ts";

/** A version of a document with one chunk a line of its text. */
export function sampleVersion(id: string, hash: string, change: Partial<PolicyDocument> = {}): StoredVersion {
  const text = change.text ?? `${id} ${hash} 第一段\n${id} ${hash} 第二段`;
  const document: PolicyDocument = {
    id,
    origin: "library",
    path: `guides/${id}.md`,
    title: `标题 ${id}`,
    kind: "guide",
    region: "全国",
    audience: ["职工"],
    sources: [{ law: "劳动合同法", articles: ["第八十二条"], date: "2012-12-28" }],
    questions: ["不签合同咋办"],
    text,
    sections: [{ ordinal: 0, path: [id], start: 0, end: text.length }],
    contentHash: hash,
    warnings: [],
    ...change,
  };
  const chunks = text.split("\n").map((line, ordinal) => ({
    id: `${id}-${hash}-${ordinal}`,
    documentId: id,
    contentHash: hash,
    ordinal,
    section: 0,
    path: [document.title],
    text: line,
  }));
  return { document, chunks, fileHash: `file-${hash}` };
}
