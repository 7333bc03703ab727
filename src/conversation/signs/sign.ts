/** One sign in a message, and what speaks against reading it so. */
export interface Sign {
  readonly reason: string;
  /** Characters of which every match of `pattern` has at least one near its heart: without them nothing is looked at. */
  readonly cue: string;
  readonly pattern: RegExp;
  /** Where this stands near, the sign does not count … */
  readonly unless?: RegExp;
  /** … but where this stands too, it counts all the same. */
  readonly although?: RegExp;
}

/** A text up to this length is one window; in a longer one only the neighbourhood of the cues is read. */
const oneWindow = 200;
/** Characters read on each side of a cue in a long text: more than any pattern spans. */
const reach = 70;

/** A message made ready for the signs: plain words, and in a long one an index of where each character stands. */
export class Reading {
  readonly text: string;
  readonly #places = new Map<number, number[]>();

  constructor(text: string) {
    this.text = text;
    if (text.length <= oneWindow) return;
    for (let place = 0; place < text.length; place += 1) {
      const code = text.charCodeAt(place);
      const places = this.#places.get(code);
      if (places === undefined) this.#places.set(code, [place]);
      else places.push(place);
    }
  }

  /** The reasons of all signs that stand in the text, each once. */
  reasons(signs: readonly Sign[]): string[] {
    const reasons = new Set<string>();
    for (const sign of signs) {
      if (!reasons.has(sign.reason) && this.shows(sign)) reasons.add(sign.reason);
    }
    return [...reasons];
  }

  shows(sign: Sign): boolean {
    return this.#windows(sign.cue).some((window) => stands(sign, window));
  }

  #windows(cue: string): string[] {
    if (this.text.length <= oneWindow)
      return [...cue].some((character) => this.text.includes(character)) ? [this.text] : [];
    const places: number[] = [];
    for (let index = 0; index < cue.length; index += 1) {
      for (const place of this.#places.get(cue.charCodeAt(index)) ?? []) places.push(place);
    }
    if (places.length === 0) return [];
    places.sort((left, right) => left - right);
    const windows: string[] = [];
    let start = -1;
    let end = -1;
    for (const place of places) {
      if (start >= 0 && place - reach <= end) {
        end = place + reach;
        continue;
      }
      if (start >= 0) windows.push(this.text.slice(start, end));
      start = Math.max(0, place - reach);
      end = place + reach;
    }
    windows.push(this.text.slice(start, end));
    return windows;
  }
}

function stands({ pattern, unless, although }: Sign, window: string): boolean {
  if (!pattern.test(window)) return false;
  if (unless === undefined || !unless.test(window)) return true;
  return although?.test(window) ?? false;
}
