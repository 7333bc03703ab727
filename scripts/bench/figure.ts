/** One measured figure. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: "s" | "ms" | "MB" | "share" | "times" | "per s";
  /** What it may be at most, in the same unit. */
  readonly budget?: number;
  /** What it must be at least, in the same unit. */
  readonly least?: number;
}

/** The value below which `share` of the values lie (nearest rank); NaN where there is none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

const digits: Readonly<Record<Figure["unit"], number>> = {
  s: 2,
  ms: 2,
  MB: 0,
  share: 3,
  times: 2,
  "per s": 0,
};

/** A table of the figures, with the budget where there is one. */
export function printFigures(figures: readonly Figure[]): string {
  const width = Math.max(...figures.map(({ name }) => name.length));
  const rows = figures.map(({ name, value, unit, budget, least }) => {
    const shown = `${value.toFixed(digits[unit])} ${unit}`.padStart(14);
    const most = budget === undefined ? "" : `  ${value <= budget ? "within" : "OVER"} ${budget} ${unit}`;
    const enough = least === undefined ? "" : `  ${value >= least ? "above" : "BELOW"} ${least} ${unit}`;
    return `${name.padEnd(width)} ${shown}${most}${enough}`;
  });
  return `${rows.join("\n")}\n`;
}
