import { decodeText } from "./decode-text.ts";
import type { FormatReader } from "./document-format.ts";
import { normaliseText } from "./normalise-text.ts";

/**
 * Markdown stays as it is written, front matter included, with two exceptions: comments, which no reader sees and
 * which therefore must not be quoted, are left out, and underlined headings become `#` lines.
 */
export const markdownFormat: FormatReader = {
  format: "markdown",
  async read(file) {
    const { text, warnings } = decodeText(file.bytes, file.name);
    return { text: normaliseText(markHeadings(dropComments(normaliseText(text)))), warnings };
  },
};

/** Written as a loop over positions: a pattern would look ahead from every one of many unclosed `<!--`. */
function dropComments(text: string): string {
  const kept: string[] = [];
  let from = 0;
  for (;;) {
    const open = text.indexOf("<!--", from);
    const close = open < 0 ? -1 : text.indexOf("-->", open + 4);
    if (close < 0) break;
    kept.push(text.slice(from, open));
    from = close + 3;
  }
  kept.push(text.slice(from));
  return kept.join("");
}

function markHeadings(text: string): string {
  const lines = text.split("\n");
  const body = lines[0] === "---" ? lines.indexOf("---", 1) + 1 : 0;
  const marked: string[] = lines.slice(0, body);
  let fenced = false;
  for (let at = body; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (/^\s{0,3}(?:```|~~~)/.test(line)) fenced = !fenced;
    const underline = fenced || (at > body && lines[at - 1] !== "") ? "" : (lines[at + 1] ?? "");
    const isTitle = line !== "" && !/^\s*(?:[#>|`~*+-]|\d+[.)])/.test(line);
    const level = !isTitle ? "" : /^=+$/.test(underline) ? "#" : /^-{2,}$/.test(underline) ? "##" : "";
    marked.push(level === "" ? line : `${level} ${line.trim()}`);
    if (level !== "") at += 1;
  }
  return marked.join("\n");
}
