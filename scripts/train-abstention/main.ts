/**
 * Trains when the assistant abstains: `npm exec -- node scripts/train-abstention/main.ts [--shared DIR] [--out FILE]`.
 * Two logistic regressions: whether a message is a matter of work or the union, and whether what the search found
 * answers it. To be run again whenever the embedder or the ranking changes: two minutes, the same data give the same
 * weights. Thresholds are chosen on messages that the fold's model has not seen; what is reported on takes no part.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { shippedKnowledge } from "../../src/knowledge/knowledge-folder.ts";
import { readBackground } from "./background.ts";
import { fitKnown } from "./fit-known.ts";
import { fitSubject } from "./fit-subject.ts";
import { readLabelled } from "./sources.ts";

const { values } = parseArgs({
  options: {
    shared: { type: "string", default: fileURLToPath(new URL("../../../shared", import.meta.url)) },
    out: {
      type: "string",
      default: fileURLToPath(new URL("../../src/answering/abstention/weights.json", import.meta.url)),
    },
  },
});

const labelled = (await readLabelled(values.shared, shippedKnowledge)).filter(({ use }) => use !== "test");
const background = await readBackground(values.shared, shippedKnowledge);
const counts: Record<string, number> = {};
for (const { source, isOurs } of [...labelled, ...background]) {
  const name = `${source}, ${isOurs ? "ours" : "elsewhere"}`;
  counts[name] = (counts[name] ?? 0) + 1;
}
console.log(counts);

const subject = fitSubject(labelled, background);
console.log("subject", subject.figures, Math.round(performance.now()));
const known = await fitKnown(shippedKnowledge, labelled, subject);
console.log("known", known.figures, known.weights, Math.round(performance.now()));

const weights = {
  format: 1,
  command: "npm exec -- node scripts/train-abstention/main.ts",
  counts,
  figures: { ...subject.figures, ...known.figures },
  subject: subject.weights,
  known: known.weights,
};
writeFileSync(values.out, `${JSON.stringify(weights, null, 2)}\n`);
