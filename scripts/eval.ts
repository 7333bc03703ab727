/**
 * Asks the product questions whose answers are known, and searches for articles that are known to be relevant:
 *
 * - `npm run eval`: every suite; prints the report, compares with the last run and ends with 1 where something fell by
 *   more than chance explains. `--write` puts the report into `docs`, `--out FOLDER` elsewhere; `--baseline FILE` is
 *   the run to compare with, `--update-baseline` makes this one the next run's.
 * - `npm run eval -- --ablations`: what each part of the search brings.
 * - `npm run eval -- FILE… [--least N]`: golden questions of these files; ends with 1 where fewer than N answers are as
 *   expected.
 *
 * `--quiet` does not print the misses. Each question is a conversation of its own with the turn that the service runs,
 * over the shipped knowledge in memory; settings such as LLM_MODEL hold.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createTools } from "../src/app.ts";
import { readConfig } from "../src/config.ts";
import { createLogger } from "../src/telemetry/logger.ts";
import { docsFolder, type ReportSection, writeSection } from "./charts/report-section.ts";
import { runAblations } from "./eval/ablations.ts";
import { askFiles } from "./eval/ask-files.ts";
import { createQuestioner } from "./eval/ask-lines.ts";
import { compareWithBaseline, readBaseline, updateBaseline, writeBaseline } from "./eval/baseline.ts";
import { describeDrops, reportOf } from "./eval/report.ts";
import { runSuites } from "./eval/run-suites.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quiet: { type: "boolean", default: false },
    least: { type: "string", default: "0" },
    write: { type: "boolean", default: false },
    out: { type: "string" },
    baseline: { type: "string", default: fileURLToPath(new URL("eval/baseline.jsonl", import.meta.url)) },
    "update-baseline": { type: "boolean", default: false },
    ablations: { type: "boolean", default: false },
  },
});
const config = readConfig(process.env);
const model = config.llm?.model ?? "none";
const onMiss = values.quiet ? () => {} : (description: string) => console.log(description);

if (positionals.length > 0) {
  const questioner = await createQuestioner(config, createLogger({ level: "warn" }));
  const expected = await askFiles(questioner, positionals, onMiss);
  if (expected < Number(values.least)) {
    console.error(`${expected} answers are as expected, fewer than ${values.least}`);
    process.exitCode = 1;
  }
} else if (values.ablations) publish(await runAblations(await createTools(config)));
else await evaluate();

async function evaluate(): Promise<void> {
  const at = new Date().toISOString();
  const questioner = await createQuestioner(config, createLogger({ level: "warn" }));
  const { suites, skipped } = await runSuites(questioner, () => createTools(config), onMiss);
  const former = readBaseline(values.baseline);
  const comparisons = former === undefined ? undefined : compareWithBaseline(suites, former, model);
  publish(reportOf({ at, model, suites, comparisons, skipped }));
  if (values["update-baseline"]) {
    writeBaseline(values.baseline, updateBaseline(former, suites, { at, model }));
    console.log(`the next run is held against this one: ${values.baseline}`);
    return;
  }
  const drops = describeDrops(comparisons ?? []);
  for (const drop of drops) console.error(drop);
  if (drops.length > 0) process.exitCode = 1;
}

function publish(section: ReportSection): void {
  const folder = values.write ? docsFolder : (values.out ?? mkdtempSync(join(tmpdir(), "niangjia-eval-")));
  console.log(`\n${section.markdown}\n`);
  console.log(`written to ${writeSection(folder, section)}`);
}
