/**
 * How probable it is that at least `worse` of the lines that changed got worse, if a change were as likely for the
 * better: the exact one-sided sign test, for lines that are met or not the exact test of McNemar (1947). 1 where
 * nothing changed.
 */
export function signTest(worse: number, better: number): number {
  const changed = worse + better;
  // Logarithms: the binomial coefficients of some thousand lines are beyond a double's range.
  let logTerm = -changed * Math.LN2;
  let sum = 0;
  for (let k = 0; k <= changed; k++) {
    if (k >= worse) sum += Math.exp(logTerm);
    logTerm += Math.log(changed - k) - Math.log(k + 1);
  }
  return Math.min(1, sum);
}

/** Which of several tests hold at this level together, by Holm's step-down method (1979). */
export function holm(probabilities: readonly number[], level: number): boolean[] {
  const order = probabilities.map((_, i) => i).sort((a, b) => at(probabilities, a) - at(probabilities, b));
  const holds = probabilities.map(() => false);
  for (const [step, i] of order.entries()) {
    if (at(probabilities, i) * (probabilities.length - step) >= level) break;
    holds[i] = true;
  }
  return holds;
}

const at = (values: readonly number[], i: number) => values[i] as number;
