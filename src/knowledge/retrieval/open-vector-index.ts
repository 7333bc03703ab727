import { FlatVectorIndex } from "./flat-vector-index.ts";
import { HnswVectorIndex } from "./hnsw-vector-index.ts";
import type { StorableVectorIndex, VectorIndex } from "./vector-index.ts";

/** The engine that this machine can run. */
export interface VectorEngine {
  readonly engine: VectorIndex["engine"];
  build(vectors: readonly Float32Array[], onProgress?: (done: number) => void): StorableVectorIndex;
  load(file: string, dimensions: number): StorableVectorIndex;
}

const flat: VectorEngine = {
  engine: "flat",
  build: (vectors) => FlatVectorIndex.build(vectors),
  load: (file, dimensions) => FlatVectorIndex.load(file, dimensions),
};

/** hnswlib where it was compiled, else the exact scan: an optional dependency must not stop the service. */
export async function openVectorEngine(
  load: () => Promise<typeof import("hnswlib-node")> = () => import("hnswlib-node"),
): Promise<VectorEngine> {
  try {
    const loaded = await load();
    const library = "default" in loaded ? (loaded.default as typeof loaded) : loaded;
    return {
      engine: "hnsw",
      build: (vectors, onProgress) => HnswVectorIndex.build(library, vectors, onProgress),
      load: (file, dimensions) => HnswVectorIndex.load(library, file, dimensions),
    };
  } catch {
    return flat;
  }
}
