/** A line of a text without its line end. It stands at `start`; the next line begins at `next`. */
export interface TextLine {
  readonly text: string;
  readonly start: number;
  readonly next: number;
  /** Inside a fenced code block, where `#` is no heading. */
  readonly fenced: boolean;
}

/** The lines of a text with their places; their ranges `[start, next)` cover the text. Empty for an empty text. */
export function linesOf(text: string): TextLine[] {
  const lines: TextLine[] = [];
  let fenced = false;
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf("\n", start);
    const next = end < 0 ? text.length : end + 1;
    const line = text.slice(start, end < 0 ? text.length : end);
    const fence = /^ {0,3}(?:```|~~~)/.test(line);
    lines.push({ text: line, start, next, fenced: fenced || fence });
    if (fence) fenced = !fenced;
    start = next;
  }
  return lines;
}

export interface HeadingLine {
  /** 1 to 6. */
  readonly level: number;
  readonly title: string;
}

/** The heading that a line is, where it is a Markdown `#` line with a title. */
export function headingOf(line: TextLine): HeadingLine | undefined {
  if (line.fenced) return undefined;
  const match = /^ {0,3}(#{1,6})[ \t\u3000]+(\S.*)$/.exec(line.text);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  const title = match[2].replace(/[ \t]+#+$/, "").trim();
  return title === "" ? undefined : { level: match[1].length, title };
}
