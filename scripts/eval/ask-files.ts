import { basename } from "node:path";
import { readGolden } from "../../src/knowledge/rehearsal/golden-questions.ts";
import { askGolden, type Questioner } from "./ask-lines.ts";
import { type EvaluatedLine, type Measure, meanOf } from "./suite.ts";
import { wilsonInterval } from "./wilson-interval.ts";

/** Asks the golden questions of some files and prints the shares; returns how many answers are as expected. */
export async function askFiles(
  questioner: Questioner,
  files: readonly string[],
  onMiss: (description: string) => void,
): Promise<number> {
  const byFile = new Map<string, EvaluatedLine[]>();
  for (const file of files)
    byFile.set(basename(file), await askGolden(questioner, await readGolden(file), onMiss));
  const all = [...byFile.values()].flat();
  const byTopic = new Map<string, EvaluatedLine[]>();
  for (const line of all) byTopic.set(line.topic, [...(byTopic.get(line.topic) ?? []), line]);

  console.log("\nas expected, by file (95 % interval by Wilson)");
  printShares([...byFile, ["all", all]], "asExpected");
  console.log("\nas expected, by topic");
  printShares([...byTopic, ["all", all]], "asExpected");
  console.log("\nthe golden guide is the first source");
  printShares([...byFile, ["all", all]], "firstSource");
  return all.filter(({ scores }) => scores.asExpected === 1).length;
}

function printShares(groups: readonly (readonly [string, readonly EvaluatedLine[]])[], measure: Measure) {
  for (const [name, lines] of groups) {
    const { mean, count } = meanOf(lines, measure) ?? { mean: 0, count: 0 };
    if (count === 0) continue;
    const hits = Math.round(mean * count);
    const { low, high } = wilsonInterval(hits, count);
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
    console.log(
      `  ${name.padEnd(30)} ${`${hits}/${count}`.padStart(9)}  ${percent(mean).padStart(7)}  (${percent(low)} to ${percent(high)})`,
    );
  }
}
