/**
 * Characters that no written text has: control characters, replacement and private-use characters, unassigned
 * code points. A few occur in real files (a bullet of a symbol font); many mean that the bytes are not text or
 * were decoded wrongly.
 */
const unreadable = /(?!\s)[\p{Cc}\uFFFD\p{Co}\p{Cn}\p{Cs}]/gu;

/** Share of unreadable characters among those that are not white space, 0 to 1; 0 for an empty text. */
export function unreadableShare(text: string): number {
  const visible = text.replace(/\s/g, "").length;
  if (visible === 0) return 0;
  let count = 0;
  for (const _ of text.matchAll(unreadable)) count += 1;
  return Math.min(1, count / visible);
}
