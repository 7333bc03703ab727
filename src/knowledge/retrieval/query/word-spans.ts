import { stopWords } from "../stop-words.ts";

const longStopWords = [...stopWords].filter((word) => word.length > 1);
/** How far the segmenter's list may step back: it names parts of a long word before the word. */
const stepBack = 6;

/** For each character where the word of two or more begins and ends that it belongs to; -1 for one left alone. */
export interface WordSpans {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/**
 * Where the words of a text stand. `words` are the segmenter's, in order; parts of a word may stand before it, and
 * others be missing.
 */
export function spansOfWords(text: string, words: readonly string[]): WordSpans {
  const starts = new Int32Array(text.length).fill(-1);
  const ends = new Int32Array(text.length).fill(-1);
  const take = (start: number, end: number) => {
    starts.fill(start, start, end);
    ends.fill(end, start, end);
  };
  const seen = new Set<string>();
  const spans: (readonly [number, number])[] = [];
  let last = 0;
  for (const word of words) {
    let at = text.indexOf(word, Math.max(0, last - stepBack));
    while (at >= 0 && seen.has(`${at} ${word.length}`)) at = text.indexOf(word, at + 1);
    if (at < 0) continue;
    seen.add(`${at} ${word.length}`);
    last = at;
    if (word.length > 1) spans.push([at, at + word.length]);
  }
  for (const [start, end] of spans.sort((a, b) => a[1] - a[0] - (b[1] - b[0]))) take(start, end);
  for (const word of longStopWords) {
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
      if (starts.subarray(at, at + word.length).every((start) => start < 0)) take(at, at + word.length);
    }
  }
  return { starts, ends };
}
