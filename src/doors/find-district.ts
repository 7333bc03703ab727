/** A district as the federation's local data have it. */
export interface NamedDistrict {
  readonly id: string;
  readonly name: string;
  readonly aliases: readonly string[];
}

/** The district's full name, or those that may have been meant, likeliest first: none where nothing is near. */
export type DistrictFound = { readonly name: string } | { readonly suggestions: readonly string[] };

const mostSuggestions = 3;

/** A district by its full name, an alias or its id. */
export function findDistrict(asked: string, districts: readonly NamedDistrict[]): DistrictFound {
  const wanted = plain(asked);
  const named = districts.map(({ id, name, aliases }) => ({
    name,
    words: [name, id, ...aliases].map(plain),
  }));
  const found = named.find(({ words }) => words.includes(wanted));
  if (found !== undefined) return { name: found.name };
  const suggestions = named
    .map(({ name, words }) => ({ name, distance: Math.min(...words.map((word) => farness(wanted, word))) }))
    .filter(({ distance }) => distance <= 0.5)
    .sort((left, right) => left.distance - right.distance)
    .slice(0, mostSuggestions);
  return { suggestions: suggestions.map(({ name }) => name) };
}

function plain(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/\s/gu, "");
}

/**
 * 0 for the same word, 1 for one that shares nothing: the changes of single characters from one to the other, by the
 * length of the longer one.
 */
function farness(left: string, right: string): number {
  const [from, to] = [[...left], [...right]];
  let row = [0, ...to.map((_, index) => index + 1)];
  for (const [i, sign] of from.entries()) {
    const next = [i + 1];
    for (const [j, other] of to.entries()) {
      const change = (row[j] ?? 0) + (sign === other ? 0 : 1);
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return (row[to.length] ?? 0) / Math.max(from.length, to.length, 1);
}
