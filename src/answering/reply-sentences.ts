/** A sentence of a model's reply, as the reader would see it. */
export interface ReplySentence {
  /** With its citations as [n] before the full stop, without other markup. */
  readonly text: string;
  /** Numbers of the passages that it names, in order, each once. */
  readonly cited: readonly number[];
  /** Whether a line ends with it. */
  readonly endsLine: boolean;
}

export interface SplitReply {
  /** Those that are complete. */
  readonly sentences: readonly ReplySentence[];
  /** What follows the last of them. */
  readonly rest: string;
}

const citation = "\\[\\d{1,3}\\]";
const closing = "[”’」』）)]*";
/** A full stop with the citations behind it; a line end stands for one. */
const sentence = new RegExp(
  `(?<body>[^。！？!?\\n]*?)(?:(?<stop>[。！？!?]+${closing})(?<after>(?:[ \\t]*${citation})*)(?<stop2>。?)|(?=\\n)|$)(?<line>[ \\t]*\\n\\s*)?`,
  "uy",
);

/**
 * Splits a reply into its sentences. While it still streams, a sentence is complete only when something follows
 * that cannot belong to it: its citations may come after the full stop.
 */
export function splitReply(reply: string, streaming: boolean): SplitReply {
  const text = withoutMarkup(reply);
  const sentences: ReplySentence[] = [];
  let at = 0;
  while (at < text.length) {
    sentence.lastIndex = at;
    const match = sentence.exec(text);
    if (match === null || match[0] === "") break;
    const end = at + match[0].length;
    const { body = "", stop, after = "", line } = match.groups ?? {};
    if (
      stop === undefined &&
      line === undefined &&
      (streaming || !new RegExp(`${citation}\\s*$`, "u").test(body))
    )
      break;
    if (streaming && end === text.length && line === undefined) break;
    if (streaming && /^\s*\[?\d*$/u.test(text.slice(end)) && text.slice(end) !== "") break;
    const cited = [...`${body}${after}`.matchAll(/\[(\d+)\]/gu)].map(([, number]) => Number(number));
    const trimmed = `${body.trim()}${after.replaceAll(/[ \t]/gu, "")}${stop ?? ""}`;
    if (trimmed !== "")
      sentences.push({ text: trimmed, cited: [...new Set(cited)], endsLine: line !== undefined });
    at = end;
  }
  return { sentences, rest: text.slice(at) };
}

/** A reply without the thoughts that some models write down before it. */
export function withoutThoughts(reply: string): string {
  return reply.replace(/^\s*<think>[\s\S]*?(?:<\/think>\s*|$)/u, "");
}

/** One form of citations, and plain text for what chat models decorate. */
function withoutMarkup(reply: string): string {
  return reply
    .replace(
      /[［【[]\s*(?:资料)?\s*(?<numbers>\d{1,3}(?:\s*[,，、]\s*\d{1,3})*)\s*[\]】］]/gu,
      (_, numbers: string) =>
        numbers
          .split(/[,，、]/u)
          .map((number) => `[${number.trim()}]`)
          .join(""),
    )
    .replace(/\*\*|__|`/gu, "")
    .replace(/^[ \t]*#{1,6}[ \t]+/gmu, "")
    .replace(/^[ \t]*[-*•·][ \t]+/gmu, "· ");
}
