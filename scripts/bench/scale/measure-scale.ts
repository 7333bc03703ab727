import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { drawBars, type Panel } from "../../charts/bar-chart.ts";
import { markdownTable, type ReportSection } from "../../charts/report-section.ts";
import type { Figure } from "../figure.ts";
import { count } from "../search/search-report.ts";
import type { SizeFigures } from "./measure-size.ts";

const script = fileURLToPath(new URL("./scale-process.ts", import.meta.url));
const sizes = [10_000, 100_000, 300_000, 1_000_000];
/** The whole takes no longer: a size that would is left out. */
const mostSeconds = 15 * 60;
/** A size takes somewhat longer than the last one in proportion: graphs and caches. */
const growth = 1.3;

/** Grows an index of invented chunks up to `most` and says what each size costs. */
export function measureScale(most: number): { figures: Figure[]; section: ReportSection; skipped: string[] } {
  const measured: SizeFigures[] = [];
  const skipped: string[] = [];
  const began = performance.now();
  let last: { size: number; seconds: number } | undefined;
  for (const size of sizesUpTo(most)) {
    const spent = (performance.now() - began) / 1_000;
    const expected = last === undefined ? 0 : (growth * last.seconds * size) / last.size;
    if (spent + expected > mostSeconds) {
      skipped.push(
        `scale: ${count(size)} chunks left out, they would take about ${(expected / 60).toFixed(0)} minutes`,
      );
      break;
    }
    measured.push(runSize(size));
    last = { size, seconds: (performance.now() - began) / 1_000 - spent };
    process.stderr.write(`${count(size)} chunks: ${last.seconds.toFixed(0)} s\n`);
  }
  return { figures: measured.flatMap(figuresOf), section: reportOf(measured, skipped), skipped };
}

/** The usual sizes up to `most`; `most` alone where it is below them all. */
export function sizesUpTo(most: number): number[] {
  const fitting = sizes.filter((size) => size <= most);
  return fitting.length === 0 ? [most] : fitting;
}

function runSize(size: number): SizeFigures {
  const child = spawnSync(
    process.execPath,
    ["--expose-gc", "--max-old-space-size=7000", script, String(size)],
    { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] },
  );
  if (child.status !== 0) throw new Error(`${size} chunks could not be measured, exit ${child.status}`);
  return JSON.parse(child.stdout) as SizeFigures;
}

const bytesPerChunk = ({ restMb, chunks }: SizeFigures) => (restMb * 1_048_576) / chunks;

function figuresOf(size: SizeFigures): Figure[] {
  const name = `scale: ${count(size.chunks)} chunks`;
  return [
    { name: `${name}, index`, value: size.wordsSeconds + size.vectorsSeconds, unit: "s" },
    { name: `${name}, memory`, value: size.restMb, unit: "MB" },
    { name: `${name}, search p50`, value: size.p50, unit: "ms", budget: 15 },
    { name: `${name}, search p95`, value: size.p95, unit: "ms" },
    { name: `${name}, search, mean processor time`, value: size.processorMs, unit: "ms" },
  ];
}

function reportOf(measured: readonly SizeFigures[], skipped: readonly string[]): ReportSection {
  const rows = measured.map((size) => [
    count(size.chunks),
    size.wordsSeconds.toFixed(1),
    size.vectorsSeconds.toFixed(1),
    size.restMb.toFixed(0),
    (bytesPerChunk(size) / 1_024).toFixed(2),
    size.peakMb.toFixed(0),
    size.p50.toFixed(2),
    size.p95.toFixed(2),
    size.processorMs.toFixed(2),
    `${(100 * size.foundShare).toFixed(0)} %`,
    `${(100 * size.nearestShare).toFixed(1)} %`,
  ]);
  const panel = (title: string, value: (size: SizeFigures) => number, unit: string): Panel => ({
    title,
    bars: measured.map((size) => ({
      label: `${count(size.chunks)} chunks`,
      value: value(size),
      shown: `${value(size).toFixed(2)} ${unit}`,
      own: true,
    })),
  });
  return {
    name: "scale",
    markdown: [
      "## Growth",
      "`npm run bench -- --scale`: invented chunks of 60 words from a vocabulary of 60 000 by Zipf's law in 2 000 subjects, vectors of 256 numbers near the middle of their subject; the product's indexes and its search in all stages, each size in a process of its own. Memory is what the index adds at rest, without the texts; peak is the whole process. CPU: mean processor time of a search, which a busy machine does not change. Found: questions made of eight words of a chunk that have it among the first ten. Nearest: share of the ten nearest vectors by brute force that the vector index finds.",
      ...skipped,
      markdownTable(
        [
          "chunks",
          "words s",
          "vectors s",
          "memory MB",
          "kB a chunk",
          "peak MB",
          "p50 ms",
          "p95 ms",
          "CPU ms",
          "found",
          "nearest",
        ],
        rows,
      ),
      "![Growth](charts/scale.svg)",
    ].join("\n\n"),
    charts: {
      "scale.svg": drawBars([
        panel("Search, p50", ({ p50 }) => p50, "ms"),
        panel("Memory of the index", (size) => bytesPerChunk(size) / 1_024, "kB a chunk"),
        panel("Building the index", (size) => (size.wordsSeconds + size.vectorsSeconds) / 60, "minutes"),
      ]),
    },
  };
}
