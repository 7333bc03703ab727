import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleType,
  TimeoutStrategy,
  timeout,
} from "cockatiel";
import { z } from "zod";
import { AppError, messageOf } from "../../errors.ts";

/** Says how well texts answer a query. */
export interface Reranker {
  readonly name: string;
  /** Whether it is left alone at the moment because it failed too often. */
  readonly isAway: boolean;
  /**
   * One score a text, in the texts' order, higher being better; comparable within one call only. Throws
   * `model.unavailable` where no usable answer came in time; an abort rejects with its reason.
   */
  rerank(query: string, texts: readonly string[], signal?: AbortSignal): Promise<number[]>;
}

export interface RerankerSettings {
  readonly model: string;
  /** Address up to before `/rerank`, such as `https://api.jina.ai/v1`. */
  readonly baseUrl: string;
  readonly apiKey?: string;
  /** Milliseconds for one answer. Default 1,500: a worker waits for it. */
  readonly timeoutMs?: number;
  /** Failures in a row after which it is left alone. Default 3. */
  readonly failuresToOpen?: number;
  /** Milliseconds for which it is left alone; then one call tries it. Default 30,000. */
  readonly openMs?: number;
}

const answer = z.object({
  results: z.array(z.object({ index: z.int(), relevance_score: z.number() })),
});

/** A model behind `POST /rerank` as Jina, Cohere, vLLM, Xinference and others offer it. */
export function createReranker(settings: RerankerSettings): Reranker {
  const { model, timeoutMs = 1_500, failuresToOpen = 3, openMs = 30_000 } = settings;
  const url = `${settings.baseUrl.replace(/\/+$/, "")}/rerank`;
  const breaker = circuitBreaker(
    handleType(AppError, ({ code }) => code === "model.unavailable"),
    { breaker: new ConsecutiveBreaker(failuresToOpen), halfOpenAfter: openMs },
  );

  async function ask(query: string, documents: readonly string[], signal: AbortSignal): Promise<number[]> {
    const response = await fetch(url, {
      method: "POST",
      signal,
      headers: {
        "content-type": "application/json",
        ...(settings.apiKey === undefined ? {} : { authorization: `Bearer ${settings.apiKey}` }),
      },
      body: JSON.stringify({ model, query, documents, top_n: documents.length }),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`status ${response.status}`);
    }
    return scoresOf(await response.json(), documents.length);
  }

  async function withinTime(query: string, texts: readonly string[], signal?: AbortSignal) {
    try {
      return await timeout(timeoutMs, TimeoutStrategy.Aggressive).execute(
        ({ signal: left }) => ask(query, texts, left),
        signal,
      );
    } catch (cause) {
      signal?.throwIfAborted();
      throw unavailable(
        `did not answer: ${messageOf(cause)}. Check RERANK_BASE_URL, RERANK_MODEL and RERANK_API_KEY`,
        cause,
      );
    }
  }

  return {
    name: model,
    get isAway() {
      return breaker.state === CircuitState.Open;
    },
    async rerank(query, texts, signal) {
      signal?.throwIfAborted();
      if (texts.length === 0) return [];
      try {
        return await breaker.execute(() => withinTime(query, texts, signal));
      } catch (cause) {
        throw cause instanceof BrokenCircuitError
          ? unavailable("is left alone after failures in a row", cause)
          : cause;
      }
    },
  };
}

/** Scores by the place of their text. Throws where a text has none, or two, or the answer has another form. */
function scoresOf(body: unknown, count: number): number[] {
  const { results } = answer.parse(body);
  const scores = new Map(results.map(({ index, relevance_score }) => [index, relevance_score]));
  const inOrder = Array.from({ length: count }, (_, place) => scores.get(place) ?? Number.NaN);
  if (results.length !== count || !inOrder.every(Number.isFinite))
    throw new Error(`the answer has no score for each of ${count} texts`);
  return inOrder;
}

const unavailable = (what: string, cause: unknown) =>
  new AppError("model.unavailable", `The reranker ${what}`, { cause });
