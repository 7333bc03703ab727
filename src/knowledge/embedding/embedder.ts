import type { EmbeddingsInterface } from "@langchain/core/embeddings";

/**
 * Turns text into a unit vector. It is a LangChain embeddings object with a name: vectors of different `version`
 * are never compared.
 */
export interface Embedder extends EmbeddingsInterface<Float32Array> {
  /** Name and version of model and weights, such as `static-1`. */
  readonly version: string;
  embedDocuments(texts: string[], signal?: AbortSignal): Promise<Float32Array[]>;
  embedQuery(text: string, signal?: AbortSignal): Promise<Float32Array>;
}

/** Scales a vector to length 1 in place; the zero vector stays. */
export function normalise(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  if (squares === 0) return vector;
  const factor = 1 / Math.sqrt(squares);
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) * factor;
  return vector;
}
