/** A message with what a model that has not seen it says. */
export interface Judged {
  readonly source: string;
  readonly isPositive: boolean;
  readonly chance: number;
}

const step = 0.005;

/** The highest threshold below which at most this share of the positive messages falls, as a mean over the sources. */
export function leastFor(judged: readonly Judged[], mostBelow: number): number {
  const groups = bySource(judged.filter(({ isPositive }) => isPositive));
  let threshold = 0;
  while (threshold + step < 1 && meanBelow(groups, threshold + step) <= mostBelow) threshold += step;
  return Math.round(threshold * 1000) / 1000;
}

/** Shares below the threshold, by source and side, as words for the weights file. */
export function figuresAt(
  name: string,
  judged: readonly Judged[],
  threshold: number,
): Record<string, string> {
  const figures: Record<string, string> = {};
  for (const side of [true, false]) {
    for (const [source, group] of bySource(judged.filter(({ isPositive }) => isPositive === side))) {
      const below = group.filter(({ chance }) => chance < threshold).length;
      figures[`${name} (under ${threshold}): ${source}, ${side ? "wrongly" : "rightly"} turned away`] =
        `${below}/${group.length}`;
    }
  }
  return figures;
}

function bySource(judged: readonly Judged[]): Map<string, Judged[]> {
  const groups = new Map<string, Judged[]>();
  for (const one of judged) groups.set(one.source, [...(groups.get(one.source) ?? []), one]);
  return groups;
}

function meanBelow(groups: ReadonlyMap<string, readonly Judged[]>, threshold: number): number {
  const shares = [...groups.values()].map(
    (group) => group.filter(({ chance }) => chance < threshold).length / group.length,
  );
  return shares.reduce((sum, share) => sum + share, 0) / (shares.length || 1);
}
