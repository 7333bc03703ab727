import { longestMessage } from "../../messaging/clean-text.ts";

/** Longest part of a quoted message that goes along, in characters. */
const longestQuote = 200;

/** `「name：quoted」`, a line of hyphens, the reply: how WeChat hands over a message that quotes another one. */
const quoting = /^「([^：:\n]{0,64}[：:])?([\s\S]*?)」\n(?:- ){3,}-?\s*\n([\s\S]*)$/;

/** What a message says itself, and what it quotes. */
export interface SaidText {
  readonly said: string;
  readonly quoted?: string;
}

export function splitQuote(text: string): SaidText {
  const [, , quoted, said] = quoting.exec(text) ?? [];
  return quoted === undefined || said === undefined ? { said: text } : { said, quoted };
}

/** What was said, with the quote behind it. */
export function joinQuote({ said, quoted = "" }: SaidText): string {
  const words = said.trim();
  const quote = quoted.trim().replace(/\s+/g, " ");
  // The number of a choice must stay a number.
  if (words === "" || quote === "" || /^\d{1,2}$/.test(words)) return words;
  return `${words}\n（引用：${cutText(quote, longestQuote)}）`;
}

/** What ends a mention: WeChat's own narrow space on phones, a plain one on computers. */
const mentionEnd = "(?:[\\u2005\\u0020]|$)";

/** Whether one of these names is mentioned. */
export function mentions(text: string, names: readonly string[]): boolean {
  return names.some((name) => name !== "" && mentionOf(name).test(text));
}

/**
 * The text without the mentions of these names. Where none of them stands in it although the account is known to be
 * mentioned, the first mention goes: a member may have written a nickname that nobody else sees.
 */
export function cutMentions(text: string, names: readonly string[]): string {
  const known = names.filter((name) => name !== "");
  const cut = known.reduce((rest, name) => rest.replace(mentionOf(name, "gu"), ""), text);
  return (cut === text ? text.replace(/@[^\s\u2005@]{1,64}(?:[\u2005\u0020]|$)/u, "") : cut).trim();
}

function mentionOf(name: string, flags = "u"): RegExp {
  return new RegExp(`@${name.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")}${mentionEnd}`, flags);
}

/** The text within the limit of a message; a longer one is cut and says so. */
export function withinLimit(text: string): string {
  return cutText(text, longestMessage, "…（后面太长，没有收全）");
}

function cutText(text: string, longest: number, mark = "…"): string {
  // Characters as people count them have at most two units, and invisible ones are cleaned away later.
  if (text.length <= longest) return text;
  const points = Array.from(text.slice(0, 2 * longest));
  if (points.length <= longest && text.length <= 2 * longest) return text;
  return points.slice(0, longest - mark.length).join("") + mark;
}
