import type { MessageEntity } from "grammy/types";
import { badRequest } from "./refusal.ts";

const entityTypes: Readonly<Record<string, MessageEntity["type"]>> = {
  b: "bold",
  strong: "bold",
  i: "italic",
  em: "italic",
  u: "underline",
  ins: "underline",
  s: "strikethrough",
  strike: "strikethrough",
  del: "strikethrough",
  "tg-spoiler": "spoiler",
  code: "code",
  pre: "pre",
  blockquote: "blockquote",
  a: "text_link",
};

const named: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"' };

interface OpenTag {
  readonly name: string;
  readonly offset: number;
  readonly url?: string;
}

/**
 * Reads `parse_mode: HTML` as Telegram documents it. Refuses unknown tags, tags that are not closed or closed in the
 * wrong order, and a lone `<`.
 */
export function parseHtml(html: string): { text: string; entities: MessageEntity[] } {
  const entities: MessageEntity[] = [];
  const open: OpenTag[] = [];
  let text = "";
  let at = 0;
  for (const { index, 0: tag, 1: slash, 2: rawName = "", 3: attributes = "" } of html.matchAll(
    /<(\/?)([^\s<>/]*)([^<>]*)>|</g,
  )) {
    text += decode(html.slice(at, index));
    at = index + tag.length;
    const name = rawName.toLowerCase();
    const bytes = Buffer.byteLength(html.slice(0, index));
    if (slash === "/") {
      closeTag(open, name, bytes, text, entities);
    } else if (entityTypes[name] === undefined) {
      throw badRequest(`can't parse entities: Unsupported start tag "${name}" at byte offset ${bytes}`);
    } else {
      const url = /\bhref="([^"]*)"/.exec(attributes)?.[1];
      open.push({ name, offset: text.length, ...(url === undefined ? {} : { url: decode(url) }) });
    }
  }
  text += decode(html.slice(at));
  const unclosed = open.at(-1);
  if (unclosed !== undefined) {
    throw badRequest(
      `can't parse entities: Can't find end tag corresponding to start tag "${unclosed.name}"`,
    );
  }
  return { text, entities };
}

function closeTag(
  open: OpenTag[],
  name: string,
  bytes: number,
  text: string,
  entities: MessageEntity[],
): void {
  const tag = open.pop();
  if (tag === undefined) throw badRequest(`can't parse entities: Unexpected end tag at byte offset ${bytes}`);
  if (name !== "" && name !== tag.name) {
    throw badRequest(
      `can't parse entities: Unmatched end tag at byte offset ${bytes}, expected "</${tag.name}>", found "</${name}>"`,
    );
  }
  const length = text.length - tag.offset;
  // A link without an address is its own; both without a text are dropped.
  if (length === 0 || (tag.name === "a" && tag.url === undefined)) return;
  const entity = {
    type: entityTypes[tag.name],
    offset: tag.offset,
    length,
    ...(tag.name === "a" ? { url: tag.url } : {}),
  };
  entities.push(entity as MessageEntity);
}

function decode(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return named[String(name)] ?? whole;
    const code = decimal === undefined ? Number.parseInt(String(hex), 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
