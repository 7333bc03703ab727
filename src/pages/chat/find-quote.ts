/** A passage in three parts; the parts put together are the passage. */
export interface QuotedText {
  readonly before: string;
  readonly quote: string;
  readonly after: string;
}

/** Blanks and line breaks may differ between a quote and its passage. */
const blank = /\s/;

/**
 * Finds a quote in its passage, whatever the blanks in either. An absent or empty quote, or one that does not
 * stand there, marks nothing: `quote` is empty and `before` is the whole text.
 */
export function findQuote(text: string, quote: string): QuotedText {
  const wanted = Array.from(quote)
    .filter((character) => !blank.test(character))
    .join("");
  let solid = "";
  const places: number[] = [];
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charAt(index);
    if (blank.test(unit)) continue;
    solid += unit;
    places.push(index);
  }
  const start = wanted === "" ? -1 : solid.indexOf(wanted);
  const from = places[start];
  const last = places[start + wanted.length - 1];
  if (from === undefined || last === undefined) return { before: text, quote: "", after: "" };
  return { before: text.slice(0, from), quote: text.slice(from, last + 1), after: text.slice(last + 1) };
}
