import type { Citation } from "../answering/grounded-answer.ts";
import type { StoredMessage } from "./message.ts";

/**
 * A message as plain text, for platforms without markup and buttons: what is said, its sources as footnotes with
 * one line a document, and quick replies by number.
 */
export function plainMessage({
  text,
  answer,
  quickReplies = [],
}: Pick<StoredMessage, "text" | "answer" | "quickReplies">): string {
  return [text, footnotes(answer?.citations ?? []), numberedReplies(quickReplies)]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** The sources below a text, with the label that a machine made it; empty where there are none. */
export function footnotes(citations: readonly Citation[]): string {
  return citations.length === 0 ? "" : `机器助手回答，来源：\n${sourceLines(citations).join("\n")}`;
}

/** `[1][2] document（依据：source）`, the citations of one document together. */
export function sourceLines(citations: readonly Citation[]): string[] {
  const groups = new Map<string, { marks: string; citation: Citation }>();
  for (const citation of citations) {
    const key = `${citation.document}\n${citation.source}`;
    const group = groups.get(key);
    groups.set(key, {
      marks: `${group?.marks ?? ""}[${citation.index}]`,
      citation: group?.citation ?? citation,
    });
  }
  return [...groups.values()].map(
    ({ marks, citation }) => `${marks} ${citation.document}（依据：${citation.source}）`,
  );
}

/** Quick replies for a contact who has no buttons; empty where there are none. */
export function numberedReplies(quickReplies: readonly string[]): string {
  if (quickReplies.length === 0) return "";
  const lead = quickReplies.some((reply) => /\p{Script=Han}/u.test(reply))
    ? "回复数字就行："
    : "Reply with the number:";
  return [lead, ...quickReplies.map((reply, index) => `${index + 1}. ${reply}`)].join("\n");
}
