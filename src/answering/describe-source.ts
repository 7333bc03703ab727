import type { Chunk } from "../knowledge/chunk.ts";
import { longAgo } from "../knowledge/documents/law-register.ts";
import type { Source } from "../knowledge/policy-document.ts";
import { shortTitle } from "../knowledge/retrieval/article-references.ts";
import type { DocumentInfo } from "../knowledge/retrieval/index-entries.ts";

/**
 * Law with number and articles, or report with publisher, each with its date: one line for the reader. A passage
 * that names some of its document's sources rests on these; one that names none rests on all. A law that has an end
 * is named with it.
 */
export function describeSource(document: DocumentInfo, chunk: Chunk): string {
  if (document.kind === "law")
    return [
      `《${shortTitle(document.title)}》${chunk.label ?? ""}`,
      dated(document.published),
      ended(document.repealed),
    ].join("");
  const named = document.sources.flatMap((source) => namedPart(source, chunk.text));
  return (named.length > 0 ? named : document.sources).map(describe).join("；");
}

/** The source with those of its articles that the text names, or nothing where the text does not name it. */
function namedPart(source: Source, text: string): Source[] {
  const name = source.law ?? source.report ?? "";
  if (!text.includes(`《${name}》`)) return [];
  const articles = source.articles?.filter((article) => text.includes(article)) ?? [];
  return [articles.length > 0 ? { ...source, articles } : source];
}

function describe(source: Source): string {
  const name = `《${source.law ?? source.report}》`;
  const detail = source.law === undefined ? (source.publisher ?? "") : (source.articles ?? []).join("、");
  return `${name}${source.number ?? ""}${detail}${dated(source.date)}`;
}

function ended(repealed: string | undefined): string {
  if (repealed === undefined) return "";
  return repealed === longAgo ? "（已不适用）" : `（${repealed}起失效）`;
}

const dated = (date: string | undefined) => (date === undefined || date === "" ? "" : `（${date}）`);
