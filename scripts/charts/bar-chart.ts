export interface Bar {
  readonly label: string;
  readonly value: number;
  /** The value as it is written behind the bar. */
  readonly shown: string;
  /** Ends of the interval in which the value lies, drawn as a whisker. */
  readonly low?: number;
  readonly high?: number;
  /** Drawn in the accent colour. Default: it is not. */
  readonly own?: boolean;
}

export interface Panel {
  readonly title: string;
  readonly bars: readonly Bar[];
  /** End of a linear scale. Default: the greatest value or end of an interval. */
  readonly most?: number;
  /** Each step to the right is ten times as much: for values of several sizes, all above 0. Default: linear. */
  readonly logarithmic?: boolean;
}

const width = 820;
const labelWidth = 250;
const barsWidth = 430;
const rowHeight = 24;
const titleHeight = 34;

/** Panels of horizontal bars, one above the other, as an SVG that follows the reader's light or dark theme. */
export function drawBars(panels: readonly Panel[]): string {
  let y = 0;
  const drawn = panels.map((panel) => {
    const top = y;
    y += titleHeight + panel.bars.length * rowHeight + 10;
    return drawPanel(panel, top);
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" role="img">
<style>
text { font: 13px system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; fill: #24292f; }
.title { font-weight: 600; }
.bar { fill: #8c959f; }
.own { fill: #c8102e; }
.whisker { stroke: #24292f; stroke-width: 1.5; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .bar { fill: #6e7681; }
  .own { fill: #ff6b6b; }
  .whisker { stroke: #e6edf3; }
}
</style>
${drawn.join("\n")}
</svg>
`;
}

function drawPanel({ title, bars, most, logarithmic = false }: Panel, top: number): string {
  const place = logarithmic
    ? logarithmicScale(bars)
    : linearScale(most ?? Math.max(...bars.flatMap(({ value, high = value }) => [value, high])));
  const rows = bars.map((bar, i) => drawBar(bar, top + titleHeight + i * rowHeight, place));
  return [`<text class="title" x="0" y="${top + 20}">${escapeXml(title)}</text>`, ...rows].join("\n");
}

function drawBar({ label, value, shown, low, high, own = false }: Bar, y: number, place: Scale): string {
  const middle = y + rowHeight / 2;
  const parts = [
    `<text x="${labelWidth - 10}" y="${middle + 4}" text-anchor="end">${escapeXml(label)}</text>`,
    `<rect class="${own ? "own" : "bar"}" x="${labelWidth}" y="${y + 4}" width="${place(value)}" height="${rowHeight - 8}" rx="2"/>`,
  ];
  if (low !== undefined && high !== undefined)
    parts.push(
      `<path class="whisker" d="M${labelWidth + place(low)} ${middle}H${labelWidth + place(high)}"/>`,
    );
  const end = labelWidth + Math.max(place(value), place(high ?? value));
  parts.push(`<text x="${end + 8}" y="${middle + 4}">${escapeXml(shown)}</text>`);
  return parts.join("\n");
}

type Scale = (value: number) => number;

const round = (length: number) => Math.round(10 * Math.min(barsWidth, Math.max(1, length))) / 10;

const linearScale =
  (most: number): Scale =>
  (value) =>
    round(most > 0 ? (barsWidth * value) / most : 0);

/** From the power of ten below the least value, so that the shortest bar is still one. */
function logarithmicScale(bars: readonly Bar[]): Scale {
  const values = bars.map(({ value }) => value).filter((value) => value > 0);
  const least = Math.floor(Math.log10(Math.min(...values)) - 0.01);
  const greatest = Math.log10(Math.max(...values));
  return (value) =>
    round(value > 0 ? (barsWidth * (Math.log10(value) - least)) / Math.max(1e-9, greatest - least) : 0);
}

const escapeXml = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
