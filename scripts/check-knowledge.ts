/**
 * Checks the knowledge folder as an editor would: `npm run check:knowledge`. Prints every fault with its place and
 * ends with 1 where there is one. Texts of law to check against stand beside the checkout, in `../shared/corpus`; where
 * they are not, that part is skipped and said so. With `--leads` it also lists numbers that only a guide's beginning
 * says.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { today } from "../src/app.ts";
import { readFolderSettings, shippedKnowledge } from "../src/knowledge/knowledge-folder.ts";
import { checkGolden } from "./check-knowledge/check-golden.ts";
import { checkGuide, checkQuestions, unbackedLead } from "./check-knowledge/check-guides.ts";
import { checkInForce, checkSources } from "./check-knowledge/check-sources.ts";
import { readGuides } from "./check-knowledge/read-guides.ts";

const federation = "chongqing";
const corpus = fileURLToPath(new URL("../../shared/corpus/", import.meta.url));

const { register, local } = await readFolderSettings(shippedKnowledge, federation);
const hotlines = new Set(local.hotlines.map(({ number }) => number.replaceAll("-", "")));
const { guides, faults } = readGuides(join(shippedKnowledge, "guides"));
const golden = checkGolden(join(shippedKnowledge, "golden"), guides);
faults.push(
  ...guides.flatMap((guide) => checkGuide(guide, hotlines)),
  ...checkQuestions(guides),
  ...golden.faults,
  ...checkInForce(guides, register, today()),
);

const questions = guides.reduce((sum, { frontMatter }) => sum + frontMatter.questions.length, 0);
console.log(`knowledge: ${guides.length} guides, ${questions} questions, ${golden.lines} golden questions`);
if (existsSync(join(corpus, "laws"))) {
  const sources = await checkSources(guides, corpus, register);
  faults.push(...sources.faults);
  console.log(
    `knowledge: ${sources.checked} articles looked up in the texts of law; no text here of ${sources.unknown.length} rules`,
  );
} else {
  console.log(
    "knowledge: the texts of law are not here (../shared/corpus/laws): articles were not looked up",
  );
}

if (process.argv.includes("--leads")) {
  for (const guide of guides) {
    const claims = unbackedLead(guide, hotlines);
    if (claims.length > 0) console.log(`${guide.path}: only its beginning says ${claims.join(", ")}`);
  }
}
for (const { where, what } of faults) console.error(`${where}: ${what}`);
console.log(`knowledge: ${faults.length} faults`);
if (faults.length > 0) process.exitCode = 1;
