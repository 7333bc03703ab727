/** What became of a held request. `late`: nothing was said in time; `let go`: nobody waits for it any more. */
export type HeldEnd =
  | { readonly state: "said"; readonly text: string }
  | { readonly state: "late" | "let go" };

interface Held {
  readonly end: (end: HeldEnd) => void;
}

/** How many answers are remembered for a platform that did not get them, and for how many milliseconds. */
const mostAnswers = 2_000;
const answerMs = 60_000;

/**
 * Requests of the platform that are held open for a moment, so that the answer can go into the response: it needs no
 * right to service messages and counts against no limit. One for each contact, the newest.
 */
export class PassiveReplies {
  readonly #held = new Map<string, Held>();
  readonly #answers = new Map<string, { readonly answer: string; readonly timer: NodeJS.Timeout }>();
  #closed = false;

  /**
   * Holds a request of this contact for at most `ms` milliseconds. A request that was held before is let go without
   * an answer: the contact has written on.
   */
  async hold(openId: string, ms: number, signal: AbortSignal): Promise<HeldEnd> {
    this.#held.get(openId)?.end({ state: "let go" });
    if (this.#closed || signal.aborted) return { state: "let go" };
    if (ms <= 0) return { state: "late" };
    const { promise, resolve } = Promise.withResolvers<HeldEnd>();
    const held: Held = { end: resolve };
    const letGo = () => resolve({ state: "let go" });
    const timer = setTimeout(resolve, ms, { state: "late" });
    signal.addEventListener("abort", letGo, { once: true });
    this.#held.set(openId, held);
    const end = await promise;
    clearTimeout(timer);
    signal.removeEventListener("abort", letGo);
    if (this.#held.get(openId) === held) this.#held.delete(openId);
    return end;
  }

  /** Puts a text into the request that is held for this contact; false where there is none. */
  offer(openId: string, text: string): boolean {
    const held = this.#held.get(openId);
    if (held === undefined) return false;
    this.#held.delete(openId);
    held.end({ state: "said", text });
    return true;
  }

  /** The platform asks again with the same message where an answer did not reach it: it must get the same one. */
  remember(messageKey: string, answer: string): void {
    this.#forget(messageKey);
    const timer = setTimeout(() => this.#forget(messageKey), answerMs);
    timer.unref();
    this.#answers.set(messageKey, { answer, timer });
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= mostAnswers) break;
      this.#forget(oldest);
    }
  }

  answerTo(messageKey: string): string | undefined {
    return this.#answers.get(messageKey)?.answer;
  }

  open(): void {
    this.#closed = false;
  }

  /** Lets every request go, and holds none until it is opened again. */
  close(): void {
    this.#closed = true;
    for (const { end } of this.#held.values()) end({ state: "let go" });
    this.#held.clear();
    for (const messageKey of [...this.#answers.keys()]) this.#forget(messageKey);
  }

  #forget(messageKey: string): void {
    clearTimeout(this.#answers.get(messageKey)?.timer);
    this.#answers.delete(messageKey);
  }
}
