import { evidenceOf } from "./logistic.ts";

/** What a search says of one document, as far as abstention looks at it. */
export interface FoundDocument {
  readonly score: number;
  /** Share of the question's words that the document's best key contains: 0 to 1. */
  readonly coverage: number;
  /** Cosine of the question and the document's nearest key; 0 where it was not among the nearest. */
  readonly similarity: number;
}

export type FoundFeatures = Readonly<Record<string, number>>;

const most = (values: readonly number[]) => values.reduce((best, value) => Math.max(best, value), 0);
const mean = (values: readonly number[]) =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * What tells whether a search found the answer, the best document first, whatever kinds of documents there are. Scores are only compared with one another:
 * their scale belongs to the ranking and may change with it.
 */
export function foundFeatures(found: readonly FoundDocument[], chanceOfOurs: number): FoundFeatures {
  const [first, second] = found;
  const similarities = found.map(({ similarity }) => similarity).sort((left, right) => right - left);
  const nearest = similarities[0] ?? 0;
  const firstSimilarity = first?.similarity ?? 0;
  const evidence = evidenceOf(chanceOfOurs);
  const scale = Math.abs(first?.score ?? 0) || 1;
  return {
    ours: evidence,
    doubt: Math.min(0, evidence),
    nearest,
    nearestFive: mean(similarities.slice(0, 5)),
    first: firstSimilarity,
    ahead: nearest - (similarities[1] ?? 0),
    coverage: first?.coverage ?? 0,
    widest: most(found.map(({ coverage }) => coverage)),
    both: nearest * (first?.coverage ?? 0),
    margin: second === undefined ? 1 : Math.min(1, Math.max(0, ((first?.score ?? 0) - second.score) / scale)),
    agreed: firstSimilarity > 0 && firstSimilarity >= nearest ? 1 : 0,
  };
}
