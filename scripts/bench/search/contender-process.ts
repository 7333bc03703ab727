/**
 * Lets one contender index and search in a process of its own, so that its memory is its own, and prints what it did as
 * one line of JSON. Questions are a JSON array on standard input. Started by `measure-search.ts`.
 *
 *   node --expose-gc contender-process.ts MODULE CREATE ARTICLES
 */
import { text } from "node:stream/consumers";
import { type Contender, type ContenderRun, warmUpOf } from "./contender.ts";

const megabyte = 1_048_576;
const emptyMb = process.memoryUsage.rss() / megabyte;
const [module = "", create = "", articles = ""] = process.argv.slice(2);
const questions = JSON.parse(await text(process.stdin)) as string[];
const top = 100;

const factories = (await import(module)) as Readonly<Record<string, () => Promise<Contender>>>;
const contender = await factories[create]?.();
if (contender === undefined) throw new Error(`${module} has no ${create}`);
/** Processor time since `then`, in milliseconds. */
const processorSince = (then: NodeJS.CpuUsage) => {
  const { user, system } = process.cpuUsage(then);
  return (user + system) / 1_000;
};
const began = performance.now();
const idle = process.cpuUsage();
await contender.index(articles);
const indexSeconds = (performance.now() - began) / 1_000;
const indexProcessorSeconds = processorSince(idle) / 1_000;
const peakMb = process.resourceUsage().maxRSS / 1_024 - emptyMb;

const warmUp = warmUpOf(questions.length);
let spent = process.cpuUsage();
const answers: { ms: number; found: string[] }[] = [];
for (const [i, question] of questions.entries()) {
  if (i === warmUp) spent = process.cpuUsage();
  const started = performance.now();
  const found = await contender.search(question, top);
  answers.push({ ms: performance.now() - started, found });
}
const processorMs = processorSince(spent) / (answers.length - warmUp);
globalThis.gc?.();
const restMb = process.memoryUsage.rss() / megabyte - emptyMb;
process.stdout.write(
  `${JSON.stringify({ indexSeconds, indexProcessorSeconds, peakMb, restMb, answers, processorMs } satisfies ContenderRun)}\n`,
);
