import type { Tokenizer } from "../retrieval/tokenizer.ts";
import type { Embedder } from "./embedder.ts";
import { HashedEmbedder } from "./hashed-embedder.ts";
import { RemoteEmbedder, type RemoteEmbedderOptions } from "./remote-embedder.ts";

/** Which embedder to use: plain data, so that it can be handed to a worker thread. */
export type EmbedderSettings =
  | { readonly kind: "local" }
  | ({ readonly kind: "remote" } & RemoteEmbedderOptions);

export function createEmbedder(settings: EmbedderSettings, tokenizer: Tokenizer): Embedder {
  return settings.kind === "local" ? new HashedEmbedder(tokenizer) : new RemoteEmbedder(settings);
}
