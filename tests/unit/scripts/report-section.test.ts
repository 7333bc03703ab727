import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { drawBars } from "../../../scripts/charts/bar-chart.ts";
import { replaceSection, writeSection } from "../../../scripts/charts/report-section.ts";

const folder = mkdtempSync(join(tmpdir(), "niangjia-report-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("a section of the report", () => {
  it("is put at the end, replaced afterwards, and leaves the rest alone", () => {
    const once = replaceSection("# Report\n\nBy hand.\n", "search", "first");
    const both = replaceSection(once, "scale", "other");
    const again = replaceSection(both, "search", "second, $& and $1");
    expect(again).toContain("By hand.");
    expect(again).not.toContain("first");
    expect(again.indexOf("second, $& and $1")).toBeLessThan(again.indexOf("other"));
    expect(replaceSection(again, "search", "second, $& and $1")).toBe(again);
  });

  it("is written with its charts into a folder that is not there yet", () => {
    const target = join(folder, "new");
    const file = writeSection(target, { name: "search", markdown: "text", charts: { "a.svg": "<svg/>" } });
    expect(readFileSync(file, "utf8")).toContain("text");
    expect(readFileSync(join(target, "charts", "a.svg"), "utf8")).toBe("<svg/>");
  });
});

describe("a bar chart", () => {
  const widths = (svg: string) =>
    [...svg.matchAll(/<rect[^>]* width="(?<width>[\d.]+)"/gu)].map(({ groups }) => Number(groups?.width));

  it("draws lengths in proportion, with labels that are safe in XML", () => {
    const svg = drawBars([
      {
        title: "a < b & c",
        most: 1,
        bars: [
          { label: '"x"', value: 0.5, shown: "0.5", low: 0.25, high: 1 },
          { label: "y", value: 0.25, shown: "0.25", own: true },
        ],
      },
    ]);
    expect(svg).toContain("a &lt; b &amp; c");
    expect(svg).toContain("&quot;x&quot;");
    const [long = 0, short = 0] = widths(svg);
    expect(long).toBeCloseTo(2 * short, 0);
    expect(svg).toContain('class="own"');
    expect(svg).toMatch(/class="whisker" d="M357\.5 \d+H680"/u);
  });

  it("draws ten times as much one step further on a logarithmic scale", () => {
    const bars = [1, 10, 100].map((value) => ({ label: "", value, shown: "" }));
    const [first = 0, second = 0, third = 0] = widths(drawBars([{ title: "", logarithmic: true, bars }]));
    expect(first).toBeGreaterThan(0);
    expect(third - second).toBeCloseTo(second - first, 0);
  });
});
