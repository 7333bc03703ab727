import type { ReceivedEvent } from "../../../src/messaging/conversation-store.ts";
import type { InboxPort } from "../../../src/messaging/inbox.ts";
import type { PlatformEvent } from "../../../src/messaging/platform-event.ts";

/** An inbox in memory: all of a batch or nothing, every message once. */
export class InboxRecorder implements InboxPort {
  /** What is stored, in the order in which it came first. */
  readonly stored: PlatformEvent[] = [];
  /** Sizes of the batches that were stored. */
  readonly batches: number[] = [];
  duplicates = 0;
  /** What the next calls reject with, before anything is stored. */
  readonly failures: Error[] = [];
  /** Resolves before a batch is stored; a test holds it up here. */
  gate: Promise<void> = Promise.resolve();
  calls = 0;
  /** A text that can never be stored. */
  poison: string | undefined;
  readonly #known = new Set<string>();

  get texts(): string[] {
    return this.stored.flatMap((event) => (event.type === "message" ? [event.text] : []));
  }

  receive(): Promise<never> {
    throw new Error("Telegram hands in events only.");
  }

  async receiveEvents(_channel: string, events: readonly PlatformEvent[]): Promise<ReceivedEvent[]> {
    this.calls += 1;
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    if (events.some((event) => event.type === "message" && event.text === this.poison))
      throw new Error("this cannot be stored");
    await this.gate;
    this.batches.push(events.length);
    return events.map((event) => {
      const id = idOf(event);
      if (id !== undefined && this.#known.has(id)) {
        this.duplicates += 1;
        return { outcome: "duplicate", isNew: false };
      }
      if (id !== undefined) this.#known.add(id);
      this.stored.push(event);
      return { outcome: "stored", conversationId: event.address.key, isNew: false };
    });
  }
}

function idOf(event: PlatformEvent): string | undefined {
  if (event.type === "message") return `${event.address.key} ${event.externalId}`;
  return event.type === "edited" ? `${event.address.key} ${event.externalId} ${event.editId}` : undefined;
}
