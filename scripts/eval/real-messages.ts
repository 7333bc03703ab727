import type { GroundedAnswer } from "../../src/answering/grounded-answer.ts";
import { readJsonl } from "../../src/knowledge/jsonl.ts";

/**
 * What a real message is: a question that can be answered in general, a dispute in which a person should be offered,
 * or nothing of the union's.
 */
export const labels = ["question", "dispute", "out_of_scope"] as const;
export type Label = (typeof labels)[number];

export interface LabelledMessage {
  /** Place in the file, from 0. */
  readonly id: string;
  readonly text: string;
  readonly label: Label;
}

/** Reads a JSONL file of `{message, label}`. Throws where a line is not of the form, naming its place. */
export async function readMessages(file: string): Promise<LabelledMessage[]> {
  const messages: LabelledMessage[] = [];
  for await (const { message, label } of readJsonl(file)) {
    if (typeof message !== "string" || !isLabel(label))
      throw new Error(
        `${file}: message ${messages.length + 1} needs a "message" and a "label" of ${labels.join(", ")}`,
      );
    messages.push({ id: String(messages.length), text: message, label });
  }
  return messages;
}

/** Whether a message was met as its label wants it: out of scope, with a person, or answered without one being sent for. */
export function isMessageExpected(
  { label }: Pick<LabelledMessage, "label">,
  { state, handOver }: Pick<GroundedAnswer, "state" | "handOver">,
): boolean {
  if (label === "out_of_scope") return state === "out_of_scope";
  if (state === "out_of_scope") return false;
  return label === "dispute" ? handOver !== "none" : handOver !== "started";
}

const isLabel = (value: unknown): value is Label => labels.some((label) => label === value);
