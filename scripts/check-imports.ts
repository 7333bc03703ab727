/**
 * Holds the import directions of `.dependency-cruiser.cjs`. Run as `npm run imports`; ends with 1 where a rule is
 * broken, and also where no module or no import was read: the tool counts a TypeScript that it cannot use as success.
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { cruise, type ICruiseOptions, type ICruiseResult, type IForbiddenRuleType } from "dependency-cruiser";
import extractTsConfig from "dependency-cruiser/config-utl/extract-ts-config";

const root = fileURLToPath(new URL("../", import.meta.url));
const rules = createRequire(import.meta.url)("../.dependency-cruiser.cjs") as {
  forbidden: IForbiddenRuleType[];
  options: ICruiseOptions;
};

/** Fewer than this means that the tool did not read the tree: the product alone has more. */
const leastModules = 100;

process.chdir(root);
const reporter = await cruise(
  ["src", "scripts"],
  { ...rules.options, validate: true, ruleSet: { forbidden: rules.forbidden } },
  undefined,
  { tsConfig: extractTsConfig("tsconfig.json") },
);
const { summary } = reporter.output as ICruiseResult;
for (const { rule, from, to, cycle } of summary.violations) {
  const way = cycle === undefined ? [to] : cycle.map(({ name }) => name);
  const comment = rules.forbidden.find(({ name }) => name === rule.name)?.comment ?? "";
  console.error(`${rule.name}: ${from} -> ${way.join(" -> ")}\n  ${comment}`);
}
const dependencies = summary.totalDependenciesCruised ?? 0;
console.log(
  `imports: ${summary.totalCruised} modules, ${dependencies} imports, ${summary.violations.length} faults`,
);
if (summary.totalCruised < leastModules || dependencies === 0) {
  console.error(`imports: fewer than ${leastModules} modules were read, so nothing was checked`);
  process.exitCode = 1;
}
if (summary.violations.length > 0) process.exitCode = 1;
