import { featureBuckets } from "../../src/knowledge/embedding/text-features.ts";
import type { TextStore } from "./text-store.ts";

/** Inverse document frequency of each bucket over the texts of the store: where learning starts. */
export function rarityOf(store: TextStore): Float32Array {
  const texts = new Uint32Array(featureBuckets);
  const lastSeen = new Int32Array(featureBuckets).fill(-1);
  for (let text = 0; text < store.size; text++) {
    for (const feature of store.featuresOf(store.clausesOf(text))) {
      if (lastSeen[feature] === text) continue;
      lastSeen[feature] = text;
      texts[feature] = (texts[feature] as number) + 1;
    }
  }
  return Float32Array.from(texts, (count) => Math.log(1 + store.size / (count + 1)));
}
