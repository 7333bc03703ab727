/**
 * Measures what the product promises about time and memory: `npm run bench [-- start turns road search soak]`. Prints
 * a table and writes `reports/bench.json`; what `search` compares also goes into `reports/evaluation.md` with its
 * charts, with `--write` into `docs`. `-- --scale [--most N]` grows an index of invented chunks up to a million (15
 * minutes, 8 GB) and does nothing else. `--most N` lowers the number of articles or chunks.
 *
 * A busy machine gives worse figures; run it on a quiet one. The articles stand beside the checkout, in `../shared`;
 * where they are not, that part is skipped and said so.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { docsFolder, type ReportSection, writeSection } from "../charts/report-section.ts";
import { articlesAreHere, articlesFile, readHeldOut } from "../eval/articles.ts";
import { type Figure, printFigures } from "./figure.ts";
import { measureRoad } from "./measure-road.ts";
import { measureService } from "./measure-service.ts";
import { measureSoak } from "./measure-soak.ts";
import { measureTurns } from "./measure-turns.ts";
import { measureScale } from "./scale/measure-scale.ts";
import { measureSearch } from "./search/measure-search.ts";

const reports = fileURLToPath(new URL("../../reports/", import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    scale: { type: "boolean", default: false },
    most: { type: "string" },
    write: { type: "boolean", default: false },
  },
});
const parts = new Set(positionals);
const wanted = (part: string) => (parts.size === 0 && !values.scale) || parts.has(part);
const most = values.most === undefined ? undefined : Number(values.most);
if (most !== undefined && !(Number.isInteger(most) && most > 0)) {
  console.error(`--most needs a whole number above 0, not ${values.most}`);
  process.exit(2);
}

const figures: Figure[] = [];
const sections: ReportSection[] = [];
const skipped: string[] = [];
const load = loadavg()[0] ?? 0;
const dataDir = mkdtempSync(join(tmpdir(), "niangjia-bench-"));
try {
  if (wanted("start")) figures.push(...(await measureService(dataDir)));
  if (wanted("turns")) figures.push(...(await measureTurns(dataDir)));
  // Ten minutes: only when it is asked for by name.
  if (parts.has("soak")) figures.push(...(await measureSoak(10)));
  if (wanted("road")) figures.push(...(await measureRoad(skipped)));
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}
if (wanted("search")) {
  if (articlesAreHere()) {
    const measured = await measureSearch(articlesFile, await readHeldOut(), most);
    figures.push(...measured.figures);
    sections.push(measured.section);
  } else skipped.push("search: skipped, the articles and questions beside the checkout are not here");
}
if (values.scale) {
  const measured = measureScale(most ?? 1_000_000);
  figures.push(...measured.figures);
  sections.push(measured.section);
  skipped.push(...measured.skipped);
}

for (const { markdown } of sections) process.stdout.write(`\n${markdown}\n`);
process.stdout.write(
  `\n${availableParallelism()} processors, load ${load.toFixed(1)} at the beginning, Node ${process.versions.node}\n`,
);
process.stdout.write(printFigures(figures));
for (const line of skipped) process.stdout.write(`${line}\n`);
mkdirSync(reports, { recursive: true });
writeFileSync(
  join(reports, "bench.json"),
  `${JSON.stringify({ at: new Date().toISOString(), load, node: process.versions.node, figures, skipped }, null, 2)}\n`,
);
for (const section of sections) writeSection(values.write ? docsFolder : reports, section);
