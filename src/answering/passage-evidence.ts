import type { Chunk } from "../knowledge/chunk.ts";
import type { IndexedChunk } from "../knowledge/retrieval/index-entries.ts";
import { formatArticleLabel } from "../knowledge/sections/article-number.ts";
import type { Evidence } from "./check-claims.ts";
import { describeSource } from "./describe-source.ts";
import { canonicalLaw } from "./law-names.ts";

/** All that a passage says, as evidence: its words, its headings and number, its document's title and sources. */
export function passageEvidence({ chunk, document }: IndexedChunk, reference: string): Evidence {
  const isLaw = document.kind === "law";
  const lines = [
    chunk.text,
    ...chunk.path,
    chunk.label ?? "",
    document.title,
    describeSource(document, chunk),
  ];
  return {
    origin: "passage",
    reference,
    text: [...lines, ...(isLaw ? clausesOf(chunk) : [])].join("\n"),
    ...(isLaw ? { ownLaw: canonicalLaw(document.title) } : {}),
  };
}

/** The paragraphs (款) and items (项) that an article has, under the names by which others refer to them. */
function clausesOf({ label, text }: Chunk): string[] {
  if (label === undefined || !text.startsWith(label)) return [];
  const clauses: string[] = [];
  let paragraph = 0;
  for (const line of text.split("\n").filter((candidate) => candidate.trim() !== "")) {
    const item = /^\s*[（(](?<number>[一二三四五六七八九十]+)[）)]/u.exec(line)?.groups?.number;
    if (item === undefined) paragraph += 1;
    const own = `${label}第${formatArticleLabel(Math.max(paragraph, 1)).slice(1, -1)}款`;
    clauses.push(...(item === undefined ? [own] : [`${own}第${item}项`, `${label}第${item}项`]));
  }
  return clauses;
}
