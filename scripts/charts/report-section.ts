import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The sections of `docs/evaluation.md` that scripts write. */
export type SectionName = "answers" | "ablations" | "search" | "scale";

/** A part of the report: Markdown, and the charts that it shows by file name. */
export interface ReportSection {
  readonly name: SectionName;
  readonly markdown: string;
  readonly charts: Readonly<Record<string, string>>;
}

/** Folder of the report that is part of the repository. */
export const docsFolder = fileURLToPath(new URL("../../docs/", import.meta.url));

/**
 * Writes a section into `evaluation.md` of a folder and its charts into `charts` beside it. What other commands wrote
 * stays; the file is made where there is none. Returns the file's path.
 */
export function writeSection(folder: string, { name, markdown, charts }: ReportSection): string {
  mkdirSync(join(folder, "charts"), { recursive: true });
  for (const [file, svg] of Object.entries(charts)) writeFileSync(join(folder, "charts", file), svg);
  const file = join(folder, "evaluation.md");
  writeFileSync(file, replaceSection(existing(file), name, markdown));
  return file;
}

/** The text with the section between its two marks replaced; at the end where it has none. */
export function replaceSection(text: string, name: SectionName, body: string): string {
  const begin = `<!-- ${name}: written by a script -->`;
  const end = `<!-- ${name}: end -->`;
  const section = `${begin}\n\n${body.trim()}\n\n${end}`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) return `${text.trimEnd()}\n\n${section}\n`;
  return `${text.slice(0, from)}${section}${text.slice(to + end.length)}`;
}

function existing(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "# Evaluation\n";
  }
}

/** A Markdown table; the first column to the left, the others to the right. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}
