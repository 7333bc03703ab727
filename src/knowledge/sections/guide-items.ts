import type { Section } from "../policy-document.ts";
import type { Slice } from "./cut-text.ts";
import { linesOf } from "./text-lines.ts";

/** A list item at the margin; deeper ones belong to the item above them. */
const itemStart = /^ {0,1}(?:[-*+•]|\d{1,3}[.、)）])[ \t\u3000]*\S/;

/**
 * The parts of a guide's section: every list item with its continuation lines is one; what stands before, between
 * and after the items (a paragraph at the margin after a blank line) is one each. The lead before the first
 * heading has no items.
 */
export function guideItems(text: string, section: Section): Slice[] {
  if (section.path.length === 0) return [section];
  const lines = linesOf(text.slice(section.start, section.end));
  const starts = [section.start];
  let inItem = false;
  for (const [index, line] of lines.entries()) {
    const opensItem = !line.fenced && itemStart.test(line.text);
    const afterBlank = lines[index - 1]?.text.trim() === "";
    const leavesList = inItem && !opensItem && afterBlank && /^\S/.test(line.text);
    if (!opensItem && !leavesList) continue;
    inItem = opensItem;
    if (line.start > 0) starts.push(section.start + line.start);
  }
  return starts.map((start, index) => ({ start, end: starts[index + 1] ?? section.end }));
}
