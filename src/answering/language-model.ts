/** What a model is asked: rules of the house in `system`, everything that others wrote in `user`. */
export interface ModelPrompt {
  readonly system: string;
  readonly user: string;
}

/** A text model. Adapters translate every failure to `model.unavailable` and keep its cause. */
export interface LanguageModel {
  /** For logs and metrics. */
  readonly name: string;
  /**
   * Yields the reply in pieces as they come. Throws `model.unavailable` where the reply did not come or broke off;
   * `details.status` is the HTTP status and `details.retryAfterMs` how long the model asks to wait, where known.
   */
  stream(prompt: ModelPrompt, signal: AbortSignal): AsyncIterable<string>;
}
