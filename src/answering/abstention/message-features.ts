import { hashFeature } from "../../knowledge/embedding/feature-hash.ts";

/** Rows of the table that features are hashed into: a power of two. */
export const subjectBuckets = 32_768;
/** A longer story has told its matter. */
const longestRead = 600;
const longestGram = 3;
const word = /[a-z]+|\d+|[\p{Letter}\p{Number}]+/gu;
const latin = /^[a-z]/;

/**
 * The characters, pairs and triples of a message as rows of the table, each once; Latin words are whole, numbers are
 * all alike. `text` in plain words and lower case. Bounded in time: a few hundred characters are read.
 */
export function messageFeatures(text: string): Set<number> {
  const rows = new Set<number>();
  const add = (feature: string) => rows.add(hashFeature(feature) & (subjectBuckets - 1));
  for (const [run] of text.slice(0, longestRead).replace(/\d+/g, "0").matchAll(word)) {
    if (latin.test(run)) {
      add(run);
      continue;
    }
    const characters = [...run];
    for (let start = 0; start < characters.length; start++) {
      for (let length = 1; length <= longestGram && start + length <= characters.length; length++)
        add(characters.slice(start, start + length).join(""));
    }
  }
  return rows;
}
