import { AppError } from "../../errors.ts";

/** Streams of all visitors of this process; beyond it pages poll. */
const mostStreams = 2_000;

/** Seconds after which a refused page may try again. */
const retryAfterSeconds = 30;

/** Counts the open event streams and ends them all when the service stops. */
export class StreamSlots {
  readonly #mostPerVisitor: number;
  readonly #open = new Map<string, Set<AbortController>>();
  #total = 0;
  #ended = false;

  constructor(mostPerVisitor: number) {
    this.#mostPerVisitor = mostPerVisitor;
  }

  /** A signal that aborts when the stream must end. Throws `http.too_many_requests` where no stream is free. */
  take(conversationId: string): AbortController {
    const own = this.#open.get(conversationId) ?? new Set();
    if (this.#ended || own.size >= this.#mostPerVisitor || this.#total >= mostStreams) {
      throw new AppError("http.too_many_requests", "No further event stream is free.", {
        details: { retryAfterSeconds },
      });
    }
    const controller = new AbortController();
    this.#open.set(conversationId, own.add(controller));
    this.#total += 1;
    return controller;
  }

  free(conversationId: string, controller: AbortController): void {
    const own = this.#open.get(conversationId);
    if (own?.delete(controller)) {
      this.#total -= 1;
    }
    if (own?.size === 0) {
      this.#open.delete(conversationId);
    }
  }

  /** Ends every stream and gives no new ones. */
  endAll(): void {
    this.#ended = true;
    for (const controller of [...this.#open.values()].flatMap((own) => [...own])) {
      controller.abort();
    }
  }
}
