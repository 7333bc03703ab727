import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { AppError, messageOf } from "../../errors.ts";
import { readJsonLines } from "../jsonl.ts";
import type { RehearsedAnswer } from "./rehearser.ts";

/** What a question's answer must be: a text that matches, or a course that the conversation takes. */
export const goldenKinds = ["fact", "crisis", "handoff", "out_of_scope"] as const;
export type GoldenKind = (typeof goldenKinds)[number];

/** A question with what is known of its right answer. */
export interface GoldenQuestion {
  readonly id: string;
  readonly question: string;
  readonly kind: GoldenKind;
  /** What the text of a fact must match. */
  readonly expect: RegExp;
  /** The guide that should be the first source. */
  readonly guide?: string;
  /** The file's name where the line names none. */
  readonly topic: string;
}

/** All golden questions of a knowledge folder, file by file; none where it has no folder `golden`. */
export async function readGoldenFolder(folder: string): Promise<GoldenQuestion[]> {
  const golden = join(folder, "golden");
  if (!existsSync(golden)) return [];
  const files = readdirSync(golden)
    .filter((name) => name.endsWith(".jsonl"))
    .sort();
  const questions: GoldenQuestion[] = [];
  for (const name of files) questions.push(...(await readGolden(join(golden, name))));
  return questions;
}

/** Reads the questions of a JSONL file. Throws `knowledge.rehearsal_failed` naming the first line that is none. */
export async function readGolden(file: string): Promise<GoldenQuestion[]> {
  const questions: GoldenQuestion[] = [];
  const topic = basename(file, ".jsonl");
  for await (const { number, record, fault } of readJsonLines(file)) {
    const refuse = (reason: string) =>
      new AppError("knowledge.rehearsal_failed", `标准题 ${topic}.jsonl 第 ${number} 行${reason}`);
    if (record === undefined) throw refuse(fault ?? "读不出来");
    const { id, question = record.message, kind = "fact", expect = ".", guide } = record;
    if (typeof question !== "string" || typeof expect !== "string")
      throw refuse('要有 "question"，"expect" 要是文字');
    if (!isKind(kind)) throw refuse(`的 kind 要是 ${goldenKinds.join("、")} 之一`);
    questions.push({
      id: typeof id === "string" ? id : String(questions.length),
      question,
      kind,
      expect: expressionOf(expect, refuse),
      ...(typeof guide === "string" ? { guide } : {}),
      topic: typeof record.topic === "string" ? record.topic : topic,
    });
  }
  return questions;
}

/** Whether an answer is what the question expects. */
export function isExpected(
  { kind, expect }: Pick<GoldenQuestion, "kind" | "expect">,
  { state, handOver, text }: Pick<RehearsedAnswer, "state" | "handOver" | "text">,
): boolean {
  switch (kind) {
    case "fact":
      return state === "grounded" && expect.test(text);
    case "handoff":
      return handOver === "started";
    default:
      return state === kind;
  }
}

function expressionOf(expect: string, refuse: (reason: string) => AppError): RegExp {
  try {
    return new RegExp(expect, "u");
  } catch (error) {
    throw refuse(`的 expect 不是正则表达式：${messageOf(error)}`);
  }
}

const isKind = (value: unknown): value is GoldenKind => goldenKinds.some((kind) => kind === value);
