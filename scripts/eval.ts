/**
 * Asks the product the questions of JSONL files and counts the answers that are as expected:
 * `npm run eval -- [FILE…] [--quiet] [--least N]`. Without a file: all of `knowledge/golden`, and the questions beside
 * the checkout where they are. Each line is a conversation of its own with the turn that the service runs, over the
 * shipped knowledge in memory; settings such as LLM_MODEL hold. Ends with 0 whatever the result, unless fewer than N
 * answers are as expected.
 */
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createInMemoryKnowledge, createTurn } from "../src/app.ts";
import { readConfig } from "../src/config.ts";
import { shippedKnowledge } from "../src/knowledge/knowledge-folder.ts";
import { createLogger } from "../src/telemetry/logger.ts";
import { readGolden } from "./eval/golden-lines.ts";
import { describeMiss, isExpected } from "./eval/score-answer.ts";
import { wilsonInterval } from "./eval/wilson-interval.ts";

const beside = fileURLToPath(new URL("../../shared/eval/worker-questions-dev.jsonl", import.meta.url));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quiet: { type: "boolean", default: false }, least: { type: "string", default: "0" } },
});
const files = positionals.length > 0 ? positionals : defaultFiles();

const config = readConfig(process.env);
const logger = createLogger({ level: "warn" });
const knowledge = await createInMemoryKnowledge(config);
const turn = await createTurn(config, knowledge, logger);
const titleOf = (guide: string) => knowledge.pin().passagesOf(guide)[0]?.document.title;

interface Count {
  readonly hits: number;
  readonly total: number;
}
const byFile = new Map<string, Count>();
const byTopic = new Map<string, Count>();
const firstSources = new Map<string, Count>();

for (const file of files) {
  for (const line of await readGolden(file)) {
    const { answer } = await turn.reply(line.question, [], () => {}, new AbortController().signal);
    const isHit = isExpected(line, answer);
    count(byFile, basename(file), isHit);
    count(byTopic, line.topic, isHit);
    if (!isHit && !values.quiet) console.log(describeMiss(line, answer));
    if (line.guide !== undefined)
      count(firstSources, basename(file), titleOf(line.guide) === answer.citations[0]?.document);
  }
}

console.log("\nas expected, by file (95 % interval by Wilson)");
printCounts(byFile);
console.log("\nas expected, by topic");
printCounts(byTopic);
console.log("\nthe golden guide is the first source");
printCounts(firstSources);
const expected = [...byFile.values()].reduce((sum, { hits }) => sum + hits, 0);
if (expected < Number(values.least)) {
  console.error(`${expected} answers are as expected, fewer than ${values.least}`);
  process.exitCode = 1;
}

function defaultFiles(): string[] {
  const golden = join(shippedKnowledge, "golden");
  const shipped = readdirSync(golden)
    .filter((name) => name.endsWith(".jsonl"))
    .sort()
    .map((name) => join(golden, name));
  return existsSync(beside) ? [...shipped, beside] : shipped;
}

function count(counts: Map<string, Count>, name: string, isHit: boolean): void {
  const { hits, total } = counts.get(name) ?? { hits: 0, total: 0 };
  counts.set(name, { hits: hits + (isHit ? 1 : 0), total: total + 1 });
}

function printCounts(counts: ReadonlyMap<string, Count>): void {
  const all = [...counts.values()].reduce(
    (sum, { hits, total }) => ({ hits: sum.hits + hits, total: sum.total + total }),
    { hits: 0, total: 0 },
  );
  for (const [name, { hits, total }] of [...counts, ["all", all] as const]) {
    const { low, high } = wilsonInterval(hits, total);
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
    const share = total === 0 ? "–" : percent(hits / total);
    console.log(
      `  ${name.padEnd(30)} ${`${hits}/${total}`.padStart(9)}  ${share.padStart(7)}  (${percent(low)} to ${percent(high)})`,
    );
  }
}
