import type { Citation } from "./api-types.ts";

export interface SourceGroup {
  readonly document: string;
  readonly citations: readonly Citation[];
}

/** Citations by document, in the order in which the text first refers to each. */
export function groupSources(citations: readonly Citation[]): SourceGroup[] {
  const groups = new Map<string, Citation[]>();
  for (const citation of [...citations].sort((one, other) => one.index - other.index)) {
    const group = groups.get(citation.document);
    if (group === undefined) groups.set(citation.document, [citation]);
    else group.push(citation);
  }
  return Array.from(groups, ([document, members]) => ({ document, citations: members }));
}
