import { readFileSync } from "node:fs";
import type { Tokenizer } from "../retrieval/tokenizer.ts";
import { type Embedder, normalise } from "./embedder.ts";
import { hashFeature } from "./feature-hash.ts";

export const hashedDimensions = 192;
/** Number of buckets of the idf table; a power of two. */
export const idfBuckets = 65_536;
/** The table holds idf × this, rounded, one byte a bucket. */
export const idfScale = 16;
/** How many places of the vector a feature touches: enough that two features seldom fall together. */
const placesPerFeature = 6;

/**
 * The embedder that needs nothing: words and bigrams, weighted by how rare they are in Chinese law, hashed with
 * random signs into 192 dimensions. Deterministic; about 20 µs for a question.
 */
export class HashedEmbedder implements Embedder {
  readonly version = "hashed-idf-1";
  readonly #tokenizer: Tokenizer;
  readonly #idf: Uint8Array;

  constructor(tokenizer: Tokenizer, idf: Uint8Array = loadIdf()) {
    this.#tokenizer = tokenizer;
    this.#idf = idf;
  }

  /** The vector of one text, without the promise that LangChain's interface asks for. */
  embed(text: string): Float32Array {
    const { words, bigrams } = this.#tokenizer.tokenize(this.#tokenizer.rewrite(text));
    const counts = new Map<string, number>();
    for (const feature of words) counts.set(feature, (counts.get(feature) ?? 0) + 1);
    for (const feature of bigrams) counts.set(feature, (counts.get(feature) ?? 0) + 0.5);
    const vector = new Float32Array(hashedDimensions);
    for (const [feature, count] of counts) {
      let hash = hashFeature(feature);
      const idf = (this.#idf[hash & (idfBuckets - 1)] as number) / idfScale;
      const weight = Math.sqrt(count) * idf;
      for (let place = 0; place < placesPerFeature; place++) {
        hash = (Math.imul(hash, 1_664_525) + 1_013_904_223) >>> 0;
        const dimension = (hash >>> 8) % hashedDimensions;
        vector[dimension] = (vector[dimension] as number) + (hash >>> 31 === 1 ? weight : -weight);
      }
    }
    return normalise(vector);
  }

  async embedDocuments(texts: string[]): Promise<Float32Array[]> {
    return texts.map((text) => this.embed(text));
  }

  async embedQuery(text: string): Promise<Float32Array> {
    return this.embed(text);
  }
}

/** The idf table that ships with the code; see `weights/README.md`. */
export function loadIdf(): Uint8Array {
  const table = readFileSync(new URL("./weights/idf-1.bin", import.meta.url));
  if (table.length !== idfBuckets)
    throw new Error(`idf table has ${table.length} bytes, not ${idfBuckets}: restore it from the repository`);
  return table;
}
