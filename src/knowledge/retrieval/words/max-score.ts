import { BestEntries, type Scored } from "./best-entries.ts";
import type { Postings } from "./postings.ts";

/** A term of a query that some entries have. */
export interface AskedTerm {
  /** Its postings, from `start` to before `end`. */
  readonly start: number;
  readonly end: number;
  /** What its impacts are multiplied by, and what having it counts for the coverage. */
  readonly weight: number;
  /** The most that it can add to a score. */
  readonly bound: number;
}

/** Entries whose scores are added up together: what is written to stays in the processor's nearest cache. */
const windowSize = 2_048;

const scores = new Float64Array(windowSize);
const matched = new Float64Array(windowSize);

/**
 * The best `limit` accepted entries without scoring all of them: MaxScore (Turtle & Flood 1995) over windows of
 * entries. Terms that even together cannot lift an entry to the worst score kept so far are not walked through any
 * more; they are only looked up for entries that the other terms bring near enough. The answer is the same as that of
 * adding everything up.
 */
export function searchBest(
  postings: Postings,
  asked: readonly AskedTerm[],
  limit: number,
  accept?: (entry: number) => boolean,
): Scored[] {
  const { entries, impacts, size } = postings;
  const best = new BestEntries(Math.min(limit, size));
  if (limit <= 0) return [];
  const terms = asked.toSorted((left, right) => left.bound - right.bound);
  const places = Float64Array.from(terms, ({ start }) => start);
  /** What a term and all before it can add together. */
  const bounds = new Float64Array(terms.length);
  for (const [i, { bound }] of terms.entries()) bounds[i] = bound + (bounds[i - 1] ?? 0);
  let threshold = 0;
  /** The first term that is walked through. */
  let essential = 0;

  for (;;) {
    const from = nextEntry(entries, terms, places, essential);
    if (from === undefined) break;
    for (let t = essential; t < terms.length; t++) {
      const { end, weight } = terms[t] as AskedTerm;
      let i = places[t] as number;
      while (i < end) {
        const place = (entries[i] as number) - from;
        if (place >= windowSize) break;
        scores[place] = (scores[place] as number) + weight * (impacts[i] as number);
        matched[place] = (matched[place] as number) + weight;
        i += 1;
      }
      places[t] = i;
    }
    const rest = essential === 0 ? 0 : (bounds[essential - 1] as number);
    for (let place = 0; place < windowSize; place++) {
      let score = scores[place] as number;
      if (score === 0) continue;
      let has = matched[place] as number;
      scores[place] = 0;
      matched[place] = 0;
      if (score + rest <= threshold) continue;
      const entry = from + place;
      for (let t = essential - 1; t >= 0 && score + (bounds[t] as number) > threshold; t--) {
        const { end, weight } = terms[t] as AskedTerm;
        const i = advance(entries, places[t] as number, end, entry);
        places[t] = i;
        if (i < end && entries[i] === entry) {
          score += weight * (impacts[i] as number);
          has += weight;
        }
      }
      if (score <= threshold || accept?.(entry) === false) continue;
      best.offer(entry, score, has);
      threshold = Math.max(0, best.threshold);
    }
    while (essential < terms.length && (bounds[essential] as number) <= threshold) essential += 1;
  }
  return best.list();
}

/** The first entry that a term of those walked through has yet to bring. */
function nextEntry(
  entries: Uint32Array,
  terms: readonly AskedTerm[],
  places: Float64Array,
  essential: number,
): number | undefined {
  let next: number | undefined;
  for (let t = essential; t < terms.length; t++) {
    const place = places[t] as number;
    if (place >= (terms[t] as AskedTerm).end) continue;
    const entry = entries[place] as number;
    if (next === undefined || entry < next) next = entry;
  }
  return next;
}

/** The first place from `start` whose entry is not before `entry`: by steps that double, then by halves. */
function advance(entries: Uint32Array, start: number, end: number, entry: number): number {
  if (start >= end || (entries[start] as number) >= entry) return start;
  let step = 1;
  while (start + step < end && (entries[start + step] as number) < entry) step *= 2;
  let low = start + (step >> 1) + 1;
  let high = Math.min(start + step, end);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle] as number) < entry) low = middle + 1;
    else high = middle;
  }
  return low;
}
