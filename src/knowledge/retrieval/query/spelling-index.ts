import { readFileSync } from "node:fs";
import { readingOfWord, readingsOf, soundCount, soundOf } from "./phonetics.ts";

/** How alike two characters are in the ways in which people mix them up. */
export type Likeness = "same sound" | "near sound" | "same shape";

/** Words that fewer entries have are no goal: a rare word explains a text no better than the text itself. */
const fewestEntries = 4;
/** The commonest words are kept: finding out how they sound takes about 20 µs each. */
const mostWords = 8_000;

/** A word with the syllable of each character in it. */
export interface Sounding {
  readonly word: string;
  readonly readings: readonly string[];
}

/** The common words of a vocabulary by how they sound, with look-alike characters beside. */
export class SpellingIndex {
  readonly #words = new Map<number, Sounding[]>();
  readonly #lookAlikes = lookAlikes();
  readonly #alone = new Map<string, number>();
  readonly #within = new Map<string, number>();
  readonly #sounds = new Map<string, readonly number[]>();

  constructor(vocabulary: ReadonlyMap<string, number>) {
    const goals: [string, number][] = [];
    for (const [word, entries] of vocabulary) {
      if (/^\p{Script=Han}$/u.test(word)) this.#alone.set(word, entries);
      else if (entries >= fewestEntries && /^\p{Script=Han}{2,4}$/u.test(word)) goals.push([word, entries]);
    }
    for (const [word, entries] of goals.sort((a, b) => b[1] - a[1]).slice(0, mostWords)) {
      for (const character of word) this.#within.set(character, (this.#within.get(character) ?? 0) + entries);
      const readings = readingOfWord(word);
      if (readings.length !== word.length) continue;
      const key = readings.reduce((sofar, reading) => sofar * soundCount + soundOf(reading), 0);
      const alike = this.#words.get(key);
      if (alike === undefined) this.#words.set(key, [{ word, readings }]);
      else alike.push({ word, readings });
    }
  }

  /** Words of the vocabulary that sound like this one, or would if one character were its look-alike. */
  like(characters: readonly string[]): Set<Sounding> {
    const sounds = characters.map((character) => this.#soundsOf(character));
    const keys = keysOf(sounds);
    for (const [i, character] of characters.entries()) {
      for (const other of this.#lookAlikes.get(character) ?? [])
        keys.push(...keysOf(sounds.with(i, this.#soundsOf(other))));
    }
    const found = new Set<Sounding>();
    for (const key of keys) for (const word of this.#words.get(key) ?? []) found.add(word);
    return found;
  }

  /** How a written character resembles another one that is read so. */
  likeness(written: string, meant: string, reading: string): Likeness | undefined {
    if (readingsOf(written).includes(reading)) return "same sound";
    if (this.lookAlike(written, meant)) return "same shape";
    return this.#soundsOf(written).includes(soundOf(reading)) ? "near sound" : undefined;
  }

  lookAlike(written: string, meant: string): boolean {
    return this.#lookAlikes.get(written)?.has(meant) ?? false;
  }

  /** In which share of its places the vocabulary has this character as part of a longer word: 0 to 1. */
  boundness(character: string): number {
    const within = this.#within.get(character) ?? 0;
    return within === 0 ? 0 : within / (within + (this.#alone.get(character) ?? 0));
  }

  #soundsOf(character: string): readonly number[] {
    let sounds = this.#sounds.get(character);
    if (sounds === undefined) {
      sounds = [...new Set(readingsOf(character).map(soundOf))];
      this.#sounds.set(character, sounds);
    }
    return sounds;
  }
}

/** One number for every way to say the characters one after the other. */
function keysOf(sounds: readonly (readonly number[])[]): number[] {
  let keys = [0];
  for (const choices of sounds) {
    const longer: number[] = [];
    for (const key of keys) for (const sound of choices) longer.push(key * soundCount + sound);
    keys = longer;
  }
  return keys;
}

/** Characters that are written for one another because they look alike: one group a line. */
function lookAlikes(): Map<string, Set<string>> {
  const groups = readFileSync(new URL("./look-alikes.txt", import.meta.url), "utf8").split("\n");
  const found = new Map<string, Set<string>>();
  for (const group of groups.map((line) => [...line.trim()])) {
    for (const character of group) {
      const others = found.get(character) ?? new Set<string>();
      for (const other of group) if (other !== character) others.add(other);
      found.set(character, others);
    }
  }
  return found;
}
