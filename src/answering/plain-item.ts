/** A list item without its bullet or number, on one line. */
export function plainItem(text: string): string {
  return text
    .replace(/^\s*(?:[-*·]|\d+[.、)）])\s*/u, "")
    .replace(/\s*\n\s*/gu, " ")
    .trim();
}
