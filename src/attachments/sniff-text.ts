import type { SniffedType } from "./sniffed-type.ts";

/** Control characters that no text has, and what stands for bytes that are none. */
const damaged = /[[\p{Cc}--[\t-\r]]\uFFFD]/gv;

/** Share of characters that may be damaged, as a cut or mixed-up text has them. */
const mostDamage = 1 / 50;

/** What a browser would take for a page, or a server for a program. */
const page =
  /^<(?:!doctype\s+html|\/?(?:html|head|body|title|meta|link|base|script|style|iframe|frameset|object|embed|applet|form|svg|math|img|video|audio|table|div|a|p|br|b|h\d)\b|\?php|%)/i;

const markup = /^<(?:\?xml|!|[a-z][\w:-]*[\s>])/i;

/** Plain text, in UTF-8, UTF-16 with its mark, or GB18030; web pages are harmful; else nothing known. */
export function sniffText(head: Buffer): SniffedType {
  const text = decoded(head);
  if (text.length === 0 || (text.match(damaged) ?? []).length > text.length * mostDamage) return "unknown";
  const start = afterComments(text);
  if (page.test(start)) return "harmful";
  // Other markup may carry scripts in a form that only its own reader knows.
  if (markup.test(start)) return /<(?:svg|html|script)\b/i.test(text) ? "harmful" : "unknown";
  return { mimeType: "text/plain" };
}

function decoded(head: Buffer): string {
  if (head[0] === 0xff && head[1] === 0xfe) return new TextDecoder("utf-16le").decode(head);
  if (head[0] === 0xfe && head[1] === 0xff) return new TextDecoder("utf-16be").decode(head);
  try {
    // `stream`: a character that the end of the head cuts is no fault.
    return new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
  } catch {
    return new TextDecoder("gb18030").decode(head);
  }
}

/** The text without blanks and comments at its beginning. By hand: an expression for it takes ages on some texts. */
function afterComments(text: string): string {
  let at = 0;
  for (;;) {
    while (/\s/.test(text.charAt(at))) at += 1;
    const end = text.startsWith("<!--", at) ? text.indexOf("-->", at + 4) : -1;
    if (end === -1) return text.slice(at);
    at = end + 3;
  }
}
