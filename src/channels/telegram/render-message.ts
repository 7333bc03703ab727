import type { OutgoingPart } from "../../messaging/delivery.ts";
import type { StoredMessage } from "../../messaging/message.ts";
import { sourceLines } from "../../messaging/plain-message.ts";
import { splitText } from "../../messaging/split-text.ts";
import { escapeHtml } from "./html.ts";
import { longestPrefix, wordingFor } from "./wording.ts";

/** Characters of one message after its entities were read; counted here in UTF-16 units, which are never fewer. */
export const longestText = 4_096;
/** What stays free for the words before a repeat or a late reply. */
const longestPart = longestText - longestPrefix;
/** Longest line in the list of sources, in UTF-16 units; a longer source goes on in the next line. */
const longestSource = 1_000;

/** A line as it is shown, and the HTML that shows it. */
interface Line {
  readonly shown: string;
  readonly html: string;
}

/**
 * A stored message in the parts in which Telegram takes it: HTML without any markup of the text's own, then the list
 * of its sources. A blank message has no part.
 */
export function renderMessage(message: StoredMessage): OutgoingPart[] {
  const wording = wordingFor(message.text);
  // Half a character, as a language model may leave one, would make Telegram refuse all.
  const text = message.text.toWellFormed();
  const spoken = message.sender === "mediator" ? `${wording.mediator}\n${text}` : text;
  const parts = splitText(spoken, longestPart).map(line);
  const sources = sourceLines(message.answer?.citations ?? []).flatMap((source) =>
    splitText(source.replace(/\s+/g, " "), longestSource).map(sourceLine),
  );
  if (sources.length > 0) appendLines(parts, [line(wording.sources), ...sources]);
  const quickReplies = (message.quickReplies ?? []).filter((reply) => reply.trim() !== "");
  return parts.map(({ html }, index) =>
    index === parts.length - 1 && quickReplies.length > 0 ? { text: html, quickReplies } : { text: html },
  );
}

const line = (text: string): Line => ({ shown: text, html: escapeHtml(text) });

/** Puts the lines under the last part where all of them fit, else on parts of their own. */
function appendLines(parts: Line[], lines: readonly Line[]): void {
  const blocks = packLines(lines);
  const [first] = blocks;
  const last = parts.pop();
  if (last !== undefined && first !== undefined && blocks.length === 1) {
    const whole = join(last, "\n\n", first);
    parts.push(...(whole.shown.length <= longestPart ? [whole] : [last, first]));
  } else {
    parts.push(...(last === undefined ? [] : [last]), ...blocks);
  }
}

function packLines(lines: readonly Line[]): Line[] {
  const blocks: Line[] = [];
  for (const next of lines) {
    const block = blocks.at(-1);
    const longer = block === undefined ? next : join(block, "\n", next);
    if (block !== undefined && longer.shown.length <= longestPart) blocks[blocks.length - 1] = longer;
    else blocks.push(next);
  }
  return blocks;
}

const join = (first: Line, between: string, second: Line): Line => ({
  shown: `${first.shown}${between}${second.shown}`,
  html: `${first.html}${between}${second.html}`,
});

const webAddress = /https?:\/\/[^\s（）()《》，。；、"<>]+/;

/** A source on one line; an address in it can be tapped, and only the address. */
function sourceLine(source: string): Line {
  const url = webAddress.exec(source)?.[0];
  if (url === undefined) return line(source);
  const at = source.indexOf(url);
  const link = escapeHtml(url);
  const [before, after] = [source.slice(0, at), source.slice(at + url.length)].map(escapeHtml);
  return { shown: source, html: `${before}<a href="${link}">${link}</a>${after}` };
}
