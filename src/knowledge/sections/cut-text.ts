/** Longest piece in UTF-16 units: what a reader takes in at once and an embedder sees whole. */
export const longestPiece = 600;

export interface Slice {
  readonly start: number;
  readonly end: number;
}

/**
 * Cuts `text[start, end)` into consecutive pieces of at most `longestPiece`: after paragraphs, where one is too
 * long after sentences, and only where a sentence is too long inside it. Put together the pieces are the range.
 */
export function cutText(text: string, start: number, end: number): Slice[] {
  if (end - start <= longestPiece) return start < end ? [{ start, end }] : [];
  const pieces: Slice[] = [];
  for (const part of partsOf(text, start, end)) {
    const last = pieces.at(-1);
    if (last !== undefined && part.end - last.start <= longestPiece) {
      pieces[pieces.length - 1] = { start: last.start, end: part.end };
    } else {
      pieces.push(part);
    }
  }
  return pieces;
}

/** The smallest units that stay whole: paragraphs, else sentences, else stretches of the greatest length. */
function* partsOf(text: string, start: number, end: number): Generator<Slice> {
  for (const paragraph of splitAfter(text, start, end, /\n+/g)) {
    if (paragraph.end - paragraph.start <= longestPiece) {
      yield paragraph;
      continue;
    }
    for (const sentence of splitAfter(text, paragraph.start, paragraph.end, /[。！？；][”’」』）)》]*\n*/g)) {
      yield* stretches(text, sentence);
    }
  }
}

function* splitAfter(text: string, start: number, end: number, mark: RegExp): Generator<Slice> {
  let from = start;
  for (const match of text.slice(start, end).matchAll(mark)) {
    const to = start + match.index + match[0].length;
    yield { start: from, end: to };
    from = to;
  }
  if (from < end) yield { start: from, end };
}

function* stretches(text: string, { start, end }: Slice): Generator<Slice> {
  let from = start;
  while (end - from > longestPiece) {
    let to = from + longestPiece;
    // A pair of surrogates is one character.
    if (/[\uD800-\uDBFF]/.test(text[to - 1] ?? "")) to -= 1;
    yield { start: from, end: to };
    from = to;
  }
  yield { start: from, end };
}
