import { bigramsOf, type Tokenizer } from "../retrieval/tokenizer.ts";
import { hashFeature } from "./feature-hash.ts";

/** Number of rows of the embedder's table. */
export const featureBuckets = 131_072;
/** The last rows are for single characters; words and bigrams share the others. */
const characterBuckets = 16_384;
const wordBuckets = featureBuckets - characterBuckets;

/**
 * The hashed features of a text, with repeats: its words, its pairs of neighbouring characters and its single Chinese
 * characters. Training and serving both read texts through this function only; a change here makes weights that were
 * trained before worthless.
 */
export function textFeatures(tokenizer: Tokenizer, text: string): number[] {
  const normal = tokenizer.rewrite(text);
  const features: number[] = [];
  for (const word of tokenizer.words(normal)) features.push(hashFeature(word) % wordBuckets);
  for (const bigram of bigramsOf(normal)) features.push(hashFeature(bigram) % wordBuckets);
  for (let i = 0; i < normal.length; i++) {
    if (isChinese(normal.charCodeAt(i))) {
      features.push(wordBuckets + (hashFeature(normal.charAt(i)) % characterBuckets));
    }
  }
  return features;
}

const isChinese = (unit: number) => unit >= 0x4e00 && unit <= 0x9fff;
