import { createRequire } from "node:module";

type Pinyin = typeof import("pinyin-pro").pinyin;

let loaded: Pinyin | undefined;

/** The tables of readings cost about 30 ms and are loaded when first asked for. */
function pinyin(): Pinyin {
  loaded ??= (createRequire(import.meta.url)("pinyin-pro") as typeof import("pinyin-pro")).pinyin;
  return loaded;
}

const readings = new Map<string, readonly string[]>();

/** The two commonest readings of a character standing alone, without tones, ü as v. */
export function readingsOf(character: string): readonly string[] {
  let found = readings.get(character);
  if (found === undefined) {
    const all = pinyin()(character, { multiple: true, toneType: "none", type: "array", v: true });
    found = [...new Set(all.filter((syllable) => /^[a-z]+$/u.test(syllable)))].slice(0, 2);
    readings.set(character, found);
  }
  return found;
}

/** How each character of a word is read in this word, without tones, ü as v. */
export function readingOfWord(word: string): readonly string[] {
  return pinyin()(word, { toneType: "none", type: "array", v: true });
}

/**
 * One writing for syllables that speakers of Chongqing and Sichuan do not keep apart: n and l, f and hu-, flat and
 * curled s, z, c, front and back -n, u and ü.
 */
export function foldSyllable(syllable: string): string {
  return syllable
    .replace(/^([zcs])h/u, "$1")
    .replace(/^n/u, "l")
    .replace(/^hu(?=[ain])/u, "f")
    .replace(/^hu$/u, "fu")
    .replace(/^fi$/u, "fei")
    .replace(/^fn$/u, "fen")
    .replace(/([aei])ng$/u, "$1n")
    .replace("v", "u");
}

/** Room for every folded syllable; Chinese has about 250 of them. */
export const soundCount = 512;
const numbers = new Map<string, number>();

/** A folded syllable as a number from 1. */
export function soundOf(syllable: string): number {
  const folded = foldSyllable(syllable);
  let number = numbers.get(folded);
  if (number === undefined) {
    number = (numbers.size + 1) % soundCount;
    numbers.set(folded, number);
  }
  return number;
}
