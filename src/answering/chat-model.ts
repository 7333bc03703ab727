import type { ChatOpenAI } from "@langchain/openai";
import { AppError } from "../errors.ts";
import type { LanguageModel, ModelPrompt } from "./language-model.ts";

export interface ChatModelOptions {
  readonly model: string;
  /** Default: the address of OpenAI itself. */
  readonly baseUrl?: string;
  readonly apiKey?: string;
  /** Milliseconds until the endpoint must have begun to answer. */
  readonly timeoutMs: number;
}

/** Any OpenAI-compatible chat endpoint: DeepSeek, Qwen, Ollama, vLLM, … Retrying is the caller's business. */
export class ChatModel implements LanguageModel {
  readonly name: string;
  readonly #options: ChatModelOptions;
  #client: Promise<ChatOpenAI> | undefined;

  constructor(options: ChatModelOptions) {
    this.name = options.model;
    this.#options = options;
  }

  async *stream({ system, user }: ModelPrompt, signal: AbortSignal): AsyncIterable<string> {
    let finish: unknown;
    try {
      this.#client ??= createClient(this.#options);
      const client = await this.#client;
      const messages: [string, string][] = [
        ["system", system],
        ["human", user],
      ];
      for await (const chunk of await client.stream(messages, { signal })) {
        finish = chunk.response_metadata.finish_reason ?? finish;
        if (chunk.text !== "") yield chunk.text;
      }
    } catch (cause) {
      signal.throwIfAborted();
      throw unavailable(cause);
    }
    signal.throwIfAborted();
    // A connection that is closed in good order in the middle of a reply looks like its end.
    if (finish !== "stop" && finish !== "length") {
      throw new AppError("model.unavailable", "The language model broke off its reply", {
        details: { finish: finish ?? "none" },
      });
    }
  }
}

/** The client's libraries take a good part of a second to load: only when the first question goes to a model. */
async function createClient(options: ChatModelOptions): Promise<ChatOpenAI> {
  const { ChatOpenAI } = await import("@langchain/openai");
  return new ChatOpenAI({
    model: options.model,
    // The client insists on a key; local servers need none.
    apiKey: options.apiKey ?? "none",
    temperature: 0,
    maxRetries: 0,
    timeout: options.timeoutMs,
    streaming: true,
    // Not every compatible server knows the option that asks for token counts.
    streamUsage: false,
    ...(options.baseUrl === undefined ? {} : { configuration: { baseURL: options.baseUrl } }),
  });
}

/** The message of the foreign error may repeat the prompt: it stays in the cause. */
function unavailable(cause: unknown): AppError {
  const { status, headers } = cause as { status?: number; headers?: { get?(name: string): string | null } };
  const retryAfterMs = Number(headers?.get?.("retry-after") ?? Number.NaN) * 1_000;
  const what = status === undefined ? "did not answer" : `answered with HTTP ${status}`;
  return new AppError(
    "model.unavailable",
    `The language model ${what}. Check LLM_BASE_URL, LLM_MODEL and LLM_API_KEY`,
    {
      cause,
      details: {
        ...(status === undefined ? {} : { status }),
        ...(retryAfterMs >= 0 ? { retryAfterMs } : {}),
      },
    },
  );
}
