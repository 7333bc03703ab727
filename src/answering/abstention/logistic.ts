/** The probability that a sum of evidence stands for. */
export const probabilityOf = (evidence: number): number => 1 / (1 + Math.exp(-evidence));

const surest = 1e-4;

/** The sum of evidence that a probability stands for, bounded where it is all but certain. */
export function evidenceOf(probability: number): number {
  const bounded = Math.min(1 - surest, Math.max(surest, probability));
  return Math.log(bounded / (1 - bounded));
}
