import { FlatVectorIndex } from "../retrieval/flat-vector-index.ts";
import type { VectorEngine } from "../retrieval/open-vector-index.ts";

/** Keeps no vectors in an index's files: a shared store has them. */
export const vectorsElsewhere: VectorEngine = {
  engine: "flat",
  build: () => FlatVectorIndex.build([]),
  load: (file, dimensions) => FlatVectorIndex.load(file, dimensions),
};
