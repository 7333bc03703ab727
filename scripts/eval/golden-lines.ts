import { basename } from "node:path";
import { readJsonl } from "../../src/knowledge/corpus-search.ts";

/** What a question's answer must be: a text that matches, or a course that the conversation takes. */
export const kinds = ["fact", "crisis", "handoff", "out_of_scope"] as const;
export type Kind = (typeof kinds)[number];

export interface GoldenLine {
  readonly id: string;
  readonly question: string;
  readonly kind: Kind;
  /** What the text of a fact must match. */
  readonly expect: RegExp;
  /** The guide that should be the first source. */
  readonly guide?: string;
  /** Part of the summary; the file's name where the line names none. */
  readonly topic: string;
}

/** Reads the questions of a JSONL file. Throws where a line is not of the form, naming file and line. */
export async function readGolden(file: string): Promise<GoldenLine[]> {
  const lines: GoldenLine[] = [];
  for await (const record of readJsonl(file)) {
    const where = `${file}: question ${lines.length + 1}`;
    const { id, question = record.message, kind = "fact", expect = ".", guide, topic } = record;
    if (typeof question !== "string" || typeof expect !== "string")
      throw new Error(`${where} needs a "question" and what to "expect"`);
    if (!isKind(kind)) throw new Error(`${where} has a kind that is none of ${kinds.join(", ")}`);
    lines.push({
      id: typeof id === "string" ? id : String(lines.length),
      question,
      kind,
      expect: new RegExp(expect, "u"),
      ...(typeof guide === "string" ? { guide } : {}),
      topic: typeof topic === "string" ? topic : basename(file, ".jsonl"),
    });
  }
  return lines;
}

const isKind = (value: unknown): value is Kind => kinds.some((kind) => kind === value);
