/** What may be told about a conversation while it goes on. */
export type ConversationEvent =
  /** Something was stored. It carries no message: whoever hears it reads the store from its own cursor. */
  | { readonly type: "message" }
  /** A turn works on this message. */
  | { readonly type: "typing"; readonly replyTo: string }
  /** The reply so far; replaced by the stored one. */
  | { readonly type: "preview"; readonly replyTo: string; readonly text: string };

/** What happened since the last look: at most one event of each type, the newest. */
export interface PendingEvents {
  readonly message?: true;
  readonly typing?: Extract<ConversationEvent, { type: "typing" }>;
  readonly preview?: Extract<ConversationEvent, { type: "preview" }>;
}

/** One listener's view of a conversation. However slow the listener is, it holds three events at most. */
export interface EventSubscription {
  /**
   * Resolves with what is pending, as soon as something is; with nothing after `waitMs` milliseconds or when the
   * signal aborts. One call at a time.
   */
  next(waitMs: number, signal: AbortSignal): Promise<PendingEvents>;
  close(): void;
}

/**
 * Publish and subscribe per conversation inside this process. Previews may be dropped; a stored message cannot be
 * lost by a missed event, because the event only says that there is something to read.
 */
export class ConversationEvents {
  readonly #subscriptions = new Map<string, Set<Subscription>>();

  publish(conversationId: string, event: ConversationEvent): void {
    for (const subscription of this.#subscriptions.get(conversationId) ?? []) {
      subscription.add(event);
    }
  }

  subscribe(conversationId: string): EventSubscription {
    const subscription: Subscription = new Subscription(() => this.#remove(conversationId, subscription));
    const others = this.#subscriptions.get(conversationId);
    if (others === undefined) {
      this.#subscriptions.set(conversationId, new Set([subscription]));
    } else {
      others.add(subscription);
    }
    return subscription;
  }

  /** Conversations that somebody listens to. */
  get conversations(): number {
    return this.#subscriptions.size;
  }

  #remove(conversationId: string, subscription: Subscription): void {
    const all = this.#subscriptions.get(conversationId);
    all?.delete(subscription);
    if (all?.size === 0) {
      this.#subscriptions.delete(conversationId);
    }
  }
}

class Subscription implements EventSubscription {
  readonly #onClose: () => void;
  #pending: PendingEvents = {};
  #wake: (() => void) | undefined;

  constructor(onClose: () => void) {
    this.#onClose = onClose;
  }

  add(event: ConversationEvent): void {
    // A stored message ends the turn that typed and previewed it.
    this.#pending = event.type === "message" ? { message: true } : { ...this.#pending, [event.type]: event };
    this.#wake?.();
  }

  async next(waitMs: number, signal: AbortSignal): Promise<PendingEvents> {
    if (Object.keys(this.#pending).length === 0 && !signal.aborted) {
      await this.#woken(waitMs, signal);
    }
    const pending = this.#pending;
    this.#pending = {};
    return pending;
  }

  close(): void {
    this.#onClose();
    this.#wake?.();
  }

  async #woken(waitMs: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    const timer = setTimeout(wake, waitMs);
    signal.addEventListener("abort", wake, { once: true });
    this.#wake = wake;
    await promise;
    this.#wake = undefined;
    signal.removeEventListener("abort", wake);
    clearTimeout(timer);
  }
}
