import type { StaticWeights } from "../../src/knowledge/embedding/static-weights.ts";
import type { TextId, TextStore } from "./text-store.ts";

/** What the unit vectors of these texts are on average. `weights` must have no centre yet. */
export function centreOf(weights: StaticWeights, store: TextStore, texts: readonly TextId[]): Float32Array {
  const sum = new Float64Array(weights.dimensions);
  for (const text of texts) {
    const vector = weights.vectorOf(store.featuresOf(store.clausesOf(text)));
    for (let d = 0; d < sum.length; d++) sum[d] = (sum[d] as number) + (vector[d] as number);
  }
  return Float32Array.from(sum, (value) => value / texts.length);
}
