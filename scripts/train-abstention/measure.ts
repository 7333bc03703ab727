/**
 * Measures how rightly the product abstains, with the turn that the service runs:
 * `npm exec -- node scripts/train-abstention/measure.ts [--shared DIR] [--part test|tune] [--misses]`. For each source:
 * how many messages of other matters are named `out_of_scope`, how many of ours are turned away. Messages that
 * wrongdoing, danger or a request for a person decides are counted as the product answers them.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createInMemoryKnowledge, createTurn } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { shippedKnowledge } from "../../src/knowledge/knowledge-folder.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { wilsonInterval } from "../eval/wilson-interval.ts";
import { readLabelled } from "./sources.ts";

const { values } = parseArgs({
  options: {
    shared: { type: "string", default: fileURLToPath(new URL("../../../shared", import.meta.url)) },
    part: { type: "string", default: "test" },
    misses: { type: "boolean", default: false },
  },
});

const config = readConfig(process.env);
const knowledge = await createInMemoryKnowledge(config);
const turn = await createTurn(config, knowledge, createLogger({ level: "warn" }));
const counts = new Map<string, { hits: number; total: number }>();

for (const { text, isOurs, source, use } of await readLabelled(values.shared, shippedKnowledge)) {
  if (use !== values.part) continue;
  const { answer } = await turn.reply(text, [], () => {}, new AbortController().signal);
  const isTurnedAway = answer.state === "out_of_scope" || answer.state === "nothing_found";
  if (isOurs) {
    count(`${source}: ours, turned away`, isTurnedAway);
    count(`${source}: ours, named out_of_scope`, answer.state === "out_of_scope");
  } else {
    count(`${source}: elsewhere, named out_of_scope`, answer.state === "out_of_scope");
    count(`${source}: elsewhere, not answered`, isTurnedAway);
  }
  if (values.misses && isOurs === isTurnedAway) console.log(`${source} ${answer.state} ${text.slice(0, 80)}`);
}

for (const [name, { hits, total }] of counts) {
  const { low, high } = wilsonInterval(hits, total);
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  console.log(
    `${name.padEnd(44)} ${`${hits}/${total}`.padStart(9)} ${percent(hits / total).padStart(8)}  (${percent(low)} to ${percent(high)})`,
  );
}

function count(name: string, isHit: boolean): void {
  const { hits, total } = counts.get(name) ?? { hits: 0, total: 0 };
  counts.set(name, { hits: hits + (isHit ? 1 : 0), total: total + 1 });
}
