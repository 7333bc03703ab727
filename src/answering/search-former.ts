import { isInForce } from "../knowledge/documents/in-force.ts";
import type { DocumentInfo } from "../knowledge/retrieval/index-entries.ts";
import type { ScoredChunk, SearchQuery } from "../knowledge/retrieval/search-index.ts";
import type { PassageSearch } from "./passage-search.ts";

/** Passages that are looked at in one search. */
const depth = 200;
const mostSearches = 5;
/** With so many found, no further search is made. */
const enough = 5;

/**
 * Passages of laws that held once and do not any more, the best first. What holds stands before them and is left out
 * search by search, so that texts that ended are found however far behind they stand.
 */
export async function searchFormer(
  search: PassageSearch,
  query: Pick<SearchQuery, "text" | "region">,
  today: string,
  signal?: AbortSignal,
): Promise<ScoredChunk[]> {
  const without = new Set<string>();
  const former = new Map<string, ScoredChunk>();
  for (let searches = 0; searches < mostSearches && former.size < enough; searches++) {
    const hits = await search.search({ ...query, limit: depth, without }, signal);
    for (const hit of hits)
      if (isFormer(hit.document, today)) former.set(hit.chunk.id, hit);
      else without.add(hit.document.id);
    if (hits.length < depth) break;
  }
  return [...former.values()];
}

/** What is yet to come is no former law. */
function isFormer({ kind, effective, repealed }: DocumentInfo, today: string): boolean {
  if (kind === "guide" || kind === "local" || repealed === undefined) return false;
  return !isInForce({ repealed }, today) && (effective ?? "") <= today;
}
