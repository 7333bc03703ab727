/** Places where a text may be cut, the best first. A cut stands at the end of a match. */
const places: readonly { readonly pattern: RegExp; readonly fromShare: number }[] = [
  // A paragraph's end near the beginning would leave a part of a few words.
  { pattern: /(?=\s*\n[^\S\n]*\n)/gu, fromShare: 1 / 3 },
  {
    pattern:
      /(?=\s*\n)|(?:[。！？；…]+|(?<!\d)[.!?;]+(?=["'”’)\]]*\s))["'”’」』）】》)\]]*(?:\[\d{1,3}\])*/gu,
    fromShare: 0,
  },
  { pattern: /[，、：]|[,:](?=\s|\p{Script=Han})/gu, fromShare: 0 },
  // Between words and between characters, never inside a word, a number or an address, nor before a closing mark.
  { pattern: /(?:(?<![\w.'/:@%-])|(?![\w.'/:@%-]))(?![\p{Po}\p{Pe}\p{Pf}])/gu, fromShare: 0 },
];

const graphemes = new Intl.Segmenter("zh", { granularity: "grapheme" });

/**
 * Splits a text into parts of which none measures more than `longest`: at a paragraph's end where there is one in
 * the last two thirds, else at the last sentence's end, comma, or between two words, else anywhere but inside a
 * character as people see it. Parts are without blanks at their ends; put together they hold all the rest of the
 * text. A blank text has no part.
 *
 * `measure` gives the size of a text in the platform's own units; a longer text must not measure less. Default:
 * UTF-16 units. A single character that measures more than `longest` is a part of its own.
 */
export function splitText(
  text: string,
  longest: number,
  measure: (text: string) => number = (part) => part.length,
): string[] {
  const whole = text.trim();
  if (whole === "") return [];
  if (measure(whole) <= longest) return [whole];
  const bounds = boundariesOf(whole, longest, measure);
  const isBound = new Set(bounds);
  const parts: string[] = [];
  let from = 0;
  for (let first = 0; first < bounds.length - 1; ) {
    const last = furthest(first, bounds, (end) => measure(whole.slice(from, end)) <= longest);
    const end = bounds[last] as number;
    const cut = end === whole.length ? end : bestCut(whole, from, end, isBound);
    const part = whole.slice(from, cut).trim();
    if (part !== "") parts.push(part);
    from = cut;
    while ((bounds[first] as number) < from || isBlankAt(whole, bounds, first)) first += 1;
    from = bounds[first] as number;
  }
  return parts;
}

/** Where characters end as people see them; what is too large by itself may be cut between its code points. */
function boundariesOf(text: string, longest: number, measure: (text: string) => number): number[] {
  const bounds = [0];
  for (const { segment, index } of graphemes.segment(text)) {
    if (segment.length > 1 && measure(segment) > longest) {
      let at = index;
      for (const point of segment) {
        at += point.length;
        bounds.push(at);
      }
    } else {
      bounds.push(index + segment.length);
    }
  }
  return bounds;
}

/** The last boundary after `first` up to which it fits, at least the next one. */
function furthest(first: number, bounds: readonly number[], fits: (end: number) => boolean): number {
  const most = bounds.length - 1;
  let good = first + 1;
  let step = 64;
  while (good + step <= most && fits(bounds[good + step] as number)) {
    good += step;
    step *= 2;
  }
  let bad = Math.min(good + step, most + 1);
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (fits(bounds[middle] as number)) good = middle;
    else bad = middle;
  }
  return good;
}

/** Longest run of marks that may follow a sentence: what stands behind the end is looked at so far. */
const lookAhead = 16;

function bestCut(text: string, from: number, end: number, isBound: ReadonlySet<number>): number {
  const window = text.slice(from, end + lookAhead);
  for (const { pattern, fromShare } of places) {
    let best = 0;
    for (const match of window.matchAll(pattern)) {
      const at = match.index + match[0].length;
      if (at > end - from) break;
      if (at > fromShare * (end - from) && isBound.has(from + at)) best = at;
    }
    if (best > 0) return from + best;
  }
  return end;
}

function isBlankAt(text: string, bounds: readonly number[], index: number): boolean {
  const end = bounds[index + 1];
  return end !== undefined && text.slice(bounds[index], end).trim() === "";
}
