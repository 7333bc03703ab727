/**
 * The text as PostgreSQL can keep it: NUL characters and lone surrogates become U+FFFD, one for one, so that
 * offsets into the text stay true. Workers do send such text (binary pasted into a chat, cut emoji).
 */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll("\u0000", "\uFFFD");
}

/** The value as JSON text for a `jsonb` column, with every string in it storable. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "string" ? storableText(item) : item,
  );
}

/** A statement's parameters with every text in them storable; other values pass as they are. */
export function storableParameters(parameters: readonly unknown[]): unknown[] {
  return parameters.map((value) => {
    if (typeof value === "string") {
      return storableText(value);
    }
    return Array.isArray(value) ? storableParameters(value) : value;
  });
}
