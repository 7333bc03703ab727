/** Ends of a sentence or of the line before a list. */
const sentenceEnd = /[。！？；：!?;:.…][”’」』）)》]*$/u;

/** Beginnings that always stand on a line of their own. */
const ownLine =
  /^\s*(?:#|第\s*[〇零一二三四五六七八九十百千\d０-９]+\s*[编章节条]|[（(][一二三四五六七八九十\d]+[）)]|[一二三四五六七八九十]+、|\d+\s*[.、．)）]|[-*•●■◆▪·—]|附件|附录|附[:：]|目\s*录)/u;

/** A line shorter than this share of the page's full line ended because its paragraph did, not the page's width. */
const fullShare = 0.8;

/** No printed page has lines shorter than this; with fewer characters a line is a title or a table cell. */
const leastFullLength = 20;

/**
 * Puts paragraphs together again that a page's width has cut into lines: a full line without a sentence end goes
 * on in the next one, unless that begins something of its own. A blank is put between Latin words only.
 */
export function joinBrokenLines(text: string): string {
  const lines = text.split("\n");
  const full = fullLength(lines);
  const joined: string[] = [];
  let previous = "";
  for (const line of lines) {
    const last = joined.at(-1);
    if (last !== undefined && previous.length >= full * fullShare && continues(previous, line)) {
      joined[joined.length - 1] = last + joint(last, line) + line.trimStart();
    } else {
      joined.push(line);
    }
    previous = line;
  }
  return joined.join("\n");
}

/** What stands between two pages: a line end, but none where the first one stops inside a sentence. */
export function pageJoint(before: string, after: string): string {
  const lastLine = before.slice(before.lastIndexOf("\n") + 1);
  const nextLine = after.slice(0, `${after}\n`.indexOf("\n"));
  const goesOn = lastLine.length >= leastFullLength && continues(lastLine, nextLine);
  return goesOn ? joint(lastLine, nextLine) : "\n";
}

/** Whether `next` may be the rest of the sentence that `line` began. */
function continues(line: string, next: string): boolean {
  if (line.trim() === "" || next.trim() === "" || sentenceEnd.test(line)) return false;
  return !line.startsWith("#") && !ownLine.test(next);
}

function joint(before: string, after: string): string {
  return /[\p{Script=Latin}\d,]$/u.test(before) && /^\s*[\p{Script=Latin}\d]/u.test(after) ? " " : "";
}

/** Length of a line that reaches the right edge: the ninth of ten lines by length, so that one freak counts for nothing. */
function fullLength(lines: readonly string[]): number {
  const lengths = lines
    .map((line) => line.length)
    .filter((length) => length > 0)
    .sort((a, b) => a - b);
  return Math.max(lengths[Math.floor((lengths.length - 1) * 0.9)] ?? 0, leastFullLength);
}
