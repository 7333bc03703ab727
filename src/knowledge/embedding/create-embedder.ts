import type { Tokenizer } from "../retrieval/tokenizer.ts";
import type { Embedder } from "./embedder.ts";
import { RemoteEmbedder, type RemoteEmbedderOptions } from "./remote-embedder.ts";
import { StaticEmbedder } from "./static-embedder.ts";

/** Which embedder to use: plain data, so that it can be handed to a worker thread. */
export type EmbedderSettings =
  | { readonly kind: "local" }
  | ({ readonly kind: "remote" } & RemoteEmbedderOptions);

export function createEmbedder(settings: EmbedderSettings, tokenizer: Tokenizer): Embedder {
  return settings.kind === "local" ? new StaticEmbedder(tokenizer) : new RemoteEmbedder(settings);
}
