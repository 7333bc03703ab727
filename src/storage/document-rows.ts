import type { Insertable, Selectable } from "kysely";
import type { Chunk } from "../knowledge/chunk.ts";
import type { DocumentSummary, StoredVersion } from "../knowledge/knowledge-store.ts";
import type { PolicyDocument } from "../knowledge/policy-document.ts";
import { withoutNulls } from "./sql-values.ts";
import { jsonText } from "./storable-text.ts";
import type { Tables } from "./tables.ts";

type VersionRow = Selectable<Tables["document_versions"]>;
export type ChunkRow = Selectable<Tables["chunks"]>;
export type SummaryRow = Omit<VersionRow, "text" | "sections" | "questions">;

/** The columns of a summary: all but the long ones. */
export const summaryColumns = [
  "document_id",
  "content_hash",
  "file_hash",
  "origin",
  "path",
  "title",
  "kind",
  "topic",
  "region",
  "audience",
  "sources",
  "published",
  "effective",
  "repealed",
  "repealed_by",
  "verified",
  "warnings",
  "chunk_count",
  "saved_at",
] as const;

/** The columns of a whole document. */
export const documentColumns = [...summaryColumns, "text", "sections", "questions"] as const;

export function versionRow(
  { document, chunks, fileHash }: StoredVersion,
  savedAt: Date,
): Insertable<Tables["document_versions"]> {
  return {
    document_id: document.id,
    content_hash: document.contentHash,
    file_hash: fileHash,
    origin: document.origin,
    path: document.path,
    title: document.title,
    kind: document.kind,
    topic: document.topic ?? null,
    region: document.region,
    audience: jsonText(document.audience),
    sources: jsonText(document.sources),
    published: document.published ?? null,
    effective: document.effective ?? null,
    repealed: document.repealed ?? null,
    repealed_by: document.repealedBy ?? null,
    verified: document.verified ?? null,
    questions: jsonText(document.questions),
    text: document.text,
    sections: jsonText(document.sections),
    warnings: jsonText(document.warnings),
    chunk_count: chunks.length,
    saved_at: savedAt.toISOString(),
  };
}

export function chunkRow(chunk: Chunk): Insertable<Tables["chunks"]> {
  return {
    id: chunk.id,
    document_id: chunk.documentId,
    content_hash: chunk.contentHash,
    ordinal: chunk.ordinal,
    section: chunk.section,
    path: jsonText(chunk.path),
    label: chunk.label ?? null,
    page: chunk.page ?? null,
    text: chunk.text,
  };
}

export function toChunk(row: ChunkRow): Chunk {
  return {
    id: row.id,
    documentId: row.document_id,
    contentHash: row.content_hash,
    ordinal: row.ordinal,
    section: row.section,
    path: row.path,
    ...withoutNulls({ label: row.label, page: row.page }),
    text: row.text,
  };
}

export function toDocument(row: VersionRow): PolicyDocument {
  return { ...commonFields(row), questions: row.questions, text: row.text, sections: row.sections };
}

export function toSummary(row: SummaryRow): DocumentSummary {
  return {
    ...commonFields(row),
    chunks: row.chunk_count,
    fileHash: row.file_hash,
    updatedAt: row.saved_at.toISOString(),
  };
}

function commonFields(row: SummaryRow): Omit<PolicyDocument, "text" | "sections" | "questions"> {
  return {
    id: row.document_id,
    origin: row.origin,
    path: row.path,
    title: row.title,
    kind: row.kind,
    region: row.region,
    audience: row.audience,
    sources: row.sources,
    contentHash: row.content_hash,
    warnings: row.warnings,
    ...withoutNulls({
      topic: row.topic,
      published: row.published,
      effective: row.effective,
      repealed: row.repealed,
      repealedBy: row.repealed_by,
      verified: row.verified,
    }),
  };
}
