import type { OpenAIEmbeddings } from "@langchain/openai";
import { AppError, messageOf } from "../../errors.ts";
import { type Embedder, normalise } from "./embedder.ts";

export interface RemoteEmbedderOptions {
  readonly model: string;
  readonly baseUrl?: string;
  readonly apiKey?: string;
  /** Milliseconds for one request. */
  readonly timeoutMs: number;
}

/** Any OpenAI-compatible embeddings endpoint: bge-m3, Qwen, … */
export class RemoteEmbedder implements Embedder {
  readonly version: string;
  readonly #options: RemoteEmbedderOptions;
  #client: Promise<OpenAIEmbeddings> | undefined;

  constructor(options: RemoteEmbedderOptions) {
    this.version = `openai:${options.model}`;
    this.#options = options;
  }

  async embedDocuments(texts: string[]): Promise<Float32Array[]> {
    const vectors = await this.#call((client) => client.embedDocuments(texts));
    if (vectors.length !== texts.length)
      throw new AppError(
        "model.unavailable",
        "The embeddings endpoint returned another number of vectors than texts",
      );
    return vectors.map((vector) => normalise(Float32Array.from(vector)));
  }

  async embedQuery(text: string): Promise<Float32Array> {
    return normalise(Float32Array.from(await this.#call((client) => client.embedQuery(text))));
  }

  async #call<Result>(request: (client: OpenAIEmbeddings) => Promise<Result>): Promise<Result> {
    this.#client ??= createClient(this.#options);
    try {
      return await request(await this.#client);
    } catch (cause) {
      throw new AppError(
        "model.unavailable",
        `The embeddings endpoint did not answer: ${messageOf(cause)}. Check EMBEDDINGS_BASE_URL, EMBEDDINGS_MODEL and EMBEDDINGS_API_KEY`,
        { cause },
      );
    }
  }
}

/** The client's libraries take a good part of a second to load: only when the first text goes to the endpoint. */
async function createClient(options: RemoteEmbedderOptions): Promise<OpenAIEmbeddings> {
  const { OpenAIEmbeddings } = await import("@langchain/openai");
  return new OpenAIEmbeddings({
    model: options.model,
    // The client insists on a key; local servers need none.
    apiKey: options.apiKey ?? "none",
    batchSize: 64,
    timeout: options.timeoutMs,
    maxRetries: 1,
    encodingFormat: "float",
    ...(options.baseUrl === undefined ? {} : { configuration: { baseURL: options.baseUrl } }),
  });
}
