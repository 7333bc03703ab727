import { describeSource } from "../answering/describe-source.ts";
import { rankOfDocument } from "../knowledge/documents/document-rank.ts";
import { isInForce } from "../knowledge/documents/in-force.ts";
import type { DocumentSummary } from "../knowledge/knowledge-store.ts";
import type { PolicyDocument } from "../knowledge/policy-document.ts";
import type { ReloadProgress, ReloadReport } from "../knowledge/reload-report.ts";
import type { ScoredChunk } from "../knowledge/retrieval/search-index.ts";
import { citedLines, rehearsalLines } from "./rehearsal-output.ts";

const stageNames: Record<ReloadProgress["stage"], string> = {
  reading: "读取文件",
  storing: "保存",
  words: "词语索引",
  embedding: "向量",
  vectors: "向量索引",
  rehearsing: "试答",
};
const barWidth = 24;

/** One line of a progress bar, to be drawn over the former one. */
export function progressBar({ stage, done, total }: ReloadProgress): string {
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const filled = Math.round(share * barWidth);
  return `${"█".repeat(filled)}${"░".repeat(barWidth - filled)} ${String(Math.round(share * 100)).padStart(3)}% ${stageNames[stage]} ${done}/${total}`;
}

const mostNamed = 12;

/** What a reload did, for the editor. */
export function printReport(report: ReloadReport): string {
  const named = (label: string, titles: readonly string[]) => {
    if (titles.length === 0) return [];
    const more = titles.length > mostNamed ? [`    …… 还有 ${titles.length - mostNamed} 份`] : [];
    return [
      `  ${label} ${titles.length} 份`,
      ...titles.slice(0, mostNamed).map((title) => `    ${title}`),
      ...more,
    ];
  };
  const lines = [
    `资料第 ${report.generation} 版正在使用：${report.documents} 份文件，${report.chunks} 段，用时 ${(report.milliseconds / 1_000).toFixed(2)} 秒`,
    ...named("新增", report.added),
    ...named("修改", report.changed),
    ...named("移除", report.removed),
    `  未变 ${report.unchanged} 份`,
  ];
  if (report.refused.length > 0) {
    lines.push(
      `  没有收下 ${report.refused.length} 份（已有的旧版继续使用）`,
      ...report.refused.map(({ path, reason }) => `    ${path}：${reason}`),
    );
  }
  if (report.warnings.length > 0) {
    lines.push(
      `  请留意 ${report.warnings.length} 条`,
      ...report.warnings.map(({ title, warning }) => `    ${title}：${warning}`),
    );
  }
  if (report.rehearsal !== undefined) lines.push(...rehearsalLines(report.rehearsal));
  if (report.cited !== undefined) lines.push(...citedLines(report.cited));
  return `${lines.join("\n")}\n`;
}

/** Where a document holds, its standing among rules, and its dates as far as they are known. */
function placeAndTime(
  document: Pick<PolicyDocument, "kind" | "title" | "region" | "published" | "effective" | "repealed">,
) {
  const { region, published, effective, repealed } = document;
  return {
    region,
    rank: rankOfDocument(document),
    ...(published === undefined ? {} : { published }),
    ...(effective === undefined ? {} : { effective }),
    ...(repealed === undefined ? {} : { repealed }),
  };
}

/** A document as `knowledge list` shows it on an ISO day. */
export function listedDocument(document: DocumentSummary, today: string) {
  const { id, kind, chunks, title, effective } = document;
  const begun = effective === undefined || effective <= today;
  const status = isInForce(document, today) ? "in_force" : begun ? "ended" : "coming";
  return { id, kind, chunks, title, ...placeAndTime(document), status } as const;
}

export type ListedDocument = ReturnType<typeof listedDocument>;

/** The documents that serve, one a line: id, kind, place, size, title. */
export function printDocuments(documents: readonly ListedDocument[]): string {
  const rows = documents.map(
    (document) =>
      `${document.id}\t${document.kind}\t${document.region}\t${document.chunks} 段\t${document.title}${noteOnTime(document)}`,
  );
  return `${rows.join("\n")}\n共 ${documents.length} 份\n`;
}

function noteOnTime({ status, effective, repealed }: ListedDocument): string {
  if (status === "coming") return `  还没施行（${effective} 起）`;
  if (status === "ended") return `  已失效（${repealed}）`;
  return repealed === undefined ? "" : `  现行（到 ${repealed} 失效）`;
}

/** A search hit as JSON: what chat would see. */
export function hitRecord({ chunk, document, score, coverage, similarity }: ScoredChunk) {
  return {
    id: chunk.id,
    document: document.title,
    documentId: document.id,
    kind: document.kind,
    section: chunk.label ?? chunk.path.at(-1) ?? "",
    path: chunk.path,
    source: describeSource(document, chunk),
    score: Number(score.toFixed(4)),
    coverage: Number(coverage.toFixed(3)),
    similarity: Number(similarity.toFixed(3)),
    text: chunk.text,
    ...placeAndTime(document),
  };
}

export type HitRecord = ReturnType<typeof hitRecord>;

export function printHits(hits: readonly HitRecord[]): string {
  if (hits.length === 0) return "没有找到相关内容\n";
  const rows = hits.map(
    ({ document, section, score, text }, i) =>
      `${i + 1}. ${document} › ${section}  （${score.toFixed(2)}）\n   ${text.replace(/\s+/gu, " ").slice(0, 120)}`,
  );
  return `${rows.join("\n")}\n`;
}
