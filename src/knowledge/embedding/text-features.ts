import { bigramsOf, type Tokenizer } from "../retrieval/tokenizer.ts";
import { hashFeature } from "./feature-hash.ts";

/** Stands before a single character, which is another feature than the word of this one character. */
const characterMark = "\u0001";

/**
 * The features of a text as 32-bit hashes, with repeats: its words, its pairs of neighbouring characters and its
 * single Chinese characters. Training and serving both read texts through this function only; a change here makes
 * weights that were trained before worthless.
 */
export function textFeatures(tokenizer: Tokenizer, text: string): number[] {
  const normal = tokenizer.rewrite(text);
  const features: number[] = [];
  for (const word of tokenizer.words(normal)) features.push(hashFeature(word));
  for (const bigram of bigramsOf(normal)) features.push(hashFeature(bigram));
  for (let i = 0; i < normal.length; i++) {
    if (isChinese(normal.charCodeAt(i))) features.push(hashFeature(characterMark + normal.charAt(i)));
  }
  return features;
}

const isChinese = (unit: number) => unit >= 0x4e00 && unit <= 0x9fff;
