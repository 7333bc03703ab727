import { tableRows } from "../../src/knowledge/embedding/feature-directory.ts";
import type { TextStore } from "./text-store.ts";

/** Inverse document frequency of each row over the texts of the store, which has rows: where learning starts. */
export function rarityOf(store: TextStore): Float32Array {
  const texts = new Uint32Array(tableRows);
  for (const [row, count] of store.frequencies()) texts[row] = count;
  return Float32Array.from(texts, (count) => Math.log(1 + store.size / (count + 1)));
}
