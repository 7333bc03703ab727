/** One measured figure. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: "s" | "ms" | "MB" | "share" | "times";
  /** What it may be at most, in the same unit. */
  readonly budget?: number;
}

/** The value below which `share` of the values lie (nearest rank); NaN where there is none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

const digits: Readonly<Record<Figure["unit"], number>> = { s: 2, ms: 2, MB: 0, share: 3, times: 2 };

/** A table of the figures, with the budget where there is one. */
export function printFigures(figures: readonly Figure[]): string {
  const width = Math.max(...figures.map(({ name }) => name.length));
  const rows = figures.map(({ name, value, unit, budget }) => {
    const shown = `${value.toFixed(digits[unit])} ${unit}`.padStart(14);
    const verdict = budget === undefined ? "" : `  ${value <= budget ? "within" : "OVER"} ${budget} ${unit}`;
    return `${name.padEnd(width)} ${shown}${verdict}`;
  });
  return `${rows.join("\n")}\n`;
}
