/**
 * Measures what the product promises about time and memory: `npm run bench [-- start turns road articles soak]`. Prints a table
 * and writes `reports/bench.json`. A busy machine gives worse figures; run it on a quiet one. The articles stand beside
 * the checkout, in `../shared`; where they are not, that part is skipped and said so.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Figure, printFigures } from "./figure.ts";
import { measureRoad } from "./measure-road.ts";
import { measureService } from "./measure-service.ts";
import { measureSoak } from "./measure-soak.ts";
import { measureTurns } from "./measure-turns.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const articles = join(root, "../shared/corpus/articles.jsonl.gz");
const questions = join(root, "../shared/eval/stard-dev.jsonl");
const parts = new Set(process.argv.slice(2));
const wanted = (part: string) => parts.size === 0 || parts.has(part);

const figures: Figure[] = [];
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
if (wanted("articles")) {
  if (existsSync(articles) && existsSync(questions)) figures.push(...measureArticles());
  else skipped.push("articles: skipped, ../shared/corpus/articles.jsonl.gz or ../shared/eval is not here");
}

process.stdout.write(
  `\n${availableParallelism()} processors, load ${load.toFixed(1)} at the beginning, Node ${process.versions.node}\n`,
);
process.stdout.write(printFigures(figures));
for (const line of skipped) process.stdout.write(`${line}\n`);
mkdirSync(join(root, "reports"), { recursive: true });
writeFileSync(
  join(root, "reports", "bench.json"),
  `${JSON.stringify({ at: new Date().toISOString(), load, node: process.versions.node, figures, skipped }, null, 2)}\n`,
);

function measureArticles(): Figure[] {
  const script = fileURLToPath(new URL("./corpus-process.ts", import.meta.url));
  const child = spawnSync(process.execPath, [script, articles, questions], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (child.status !== 0) throw new Error(`the articles could not be measured, exit ${child.status}`);
  return JSON.parse(child.stdout) as Figure[];
}
