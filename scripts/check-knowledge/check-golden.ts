import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { comparable, type Fault, type Guide } from "./read-guides.ts";

/**
 * Golden questions measure search: each leads to guides that exist, and none may be one of the questions that a guide
 * is found by.
 */
export function checkGolden(folder: string, guides: readonly Guide[]): { lines: number; faults: Fault[] } {
  const ids = new Set(guides.map(({ frontMatter }) => frontMatter.id));
  const known = new Map(
    guides.flatMap(({ path, frontMatter }) =>
      frontMatter.questions.map((question) => [comparable(question), path] as const),
    ),
  );
  const seen = new Map<string, string>();
  const faults: Fault[] = [];
  let lines = 0;
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".jsonl"))) {
    for (const [index, line] of readFileSync(join(folder, name), "utf8").trim().split("\n").entries()) {
      lines++;
      const where = `golden/${name}:${index + 1}`;
      for (const what of faultsOf(line, ids, known, seen, where)) faults.push({ where, what });
    }
  }
  return { lines, faults };
}

function faultsOf(
  line: string,
  ids: ReadonlySet<string>,
  known: ReadonlyMap<string, string>,
  seen: Map<string, string>,
  where: string,
): string[] {
  let record: Record<string, unknown>;
  try {
    record = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return ["is not JSON"];
  }
  const { id, question, expect, guide } = record;
  if (typeof question !== "string" || typeof expect !== "string" || typeof id !== "string")
    return ['needs an "id", a "question" and what to "expect"'];
  const twice = seen.get(`id ${id}`);
  seen.set(`id ${id}`, where);
  return [
    ...(twice === undefined ? [] : [`has the id of ${twice}`]),
    ...(isPattern(expect) ? [] : [`expects ${expect}, which is no regular expression`]),
    ...(typeof guide === "string" && !ids.has(guide)
      ? [`leads to the guide ${guide}, which does not exist`]
      : []),
    ...(known.has(comparable(question))
      ? [`asks “${question}”, a question of ${known.get(comparable(question))}`]
      : []),
  ];
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, "u");
    return true;
  } catch {
    return false;
  }
}
