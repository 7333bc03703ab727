/** Share of a text's pairs of Chinese characters that another text contains: 0 to 1; 0 for a text without any. */
export function sharedPairs(text: string, other: string): number {
  const pairs = pairsOf(text);
  const known = new Set(pairsOf(other));
  return pairs.length === 0 ? 0 : pairs.filter((pair) => known.has(pair)).length / pairs.length;
}

/** How much two texts share of both: the harmonic mean of their shares of character pairs. */
export function likeness(left: string, right: string): number {
  const [one, other] = [sharedPairs(left, right), sharedPairs(right, left)];
  return one + other === 0 ? 0 : (2 * one * other) / (one + other);
}

function pairsOf(text: string): string[] {
  return (text.match(/\p{Script=Han}+/gu) ?? []).flatMap((run) =>
    [...run].slice(1).map((_, index) => run.slice(index, index + 2)),
  );
}
