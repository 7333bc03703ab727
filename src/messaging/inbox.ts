import { boundText } from "./clean-text.ts";
import type { ConversationEvents } from "./conversation-events.ts";
import type { ConversationStore, Received, ReceivedEvent } from "./conversation-store.ts";
import type { InboundMessage } from "./message.ts";
import type { PlatformAddress, PlatformEvent } from "./platform-event.ts";
import type { RoadLogger, RoadObserver } from "./road-observer.ts";

/** Where channels hand in what they receive. What it resolved for is stored; only then may a platform be told so. */
export interface InboxPort {
  /** One message of a conversation that the channel knows. */
  receive(message: InboundMessage): Promise<Received>;
  /**
   * A batch of a platform, in order: all stored, or the promise rejects and nothing is. Resolves to what became of each
   * event, in the same order.
   */
  receiveEvents(channel: string, events: readonly PlatformEvent[]): Promise<ReceivedEvent[]>;
}

/** What the system says to a contact whom a turn does not reach at once. */
export interface InboxWording {
  /** Many wait: the message is kept and answered in its turn. */
  busy(): string;
  /** The contact wrote more in a minute than is read. */
  tooFast(): string;
}

export interface InboxOptions {
  readonly conversations: Pick<ConversationStore, "receive" | "receiveEvents" | "open" | "post" | "tellBusy">;
  readonly events: ConversationEvents;
  readonly turns: { wake(delayMs: number): void; readonly waiting: number };
  readonly wording: InboxWording;
  /** Milliseconds that a turn waits for more of the same contact. */
  readonly burstMs: number;
  /** Waiting conversations from which on new contacts are told that it takes longer. */
  readonly busyAfter: number;
  /** Messages of one contact in a minute; more are not read. */
  readonly perContactPerMinute: number;
  readonly logger: RoadLogger;
  readonly observer: Pick<RoadObserver, "received">;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Contacts whose pace is remembered; the oldest are forgotten first. */
const mostPaces = 10_000;
const minute = 60_000;

/** The one way in: bounds what comes, stores it, and wakes who works on it. */
export class Inbox implements InboxPort {
  readonly #options: InboxOptions;
  readonly #paces = new Map<string, { since: number; count: number }>();

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  async receive(message: InboundMessage): Promise<Received> {
    const { conversations, burstMs, observer } = this.#options;
    const received = await conversations.receive(message, burstMs);
    observer.received(message.channel, received.duplicate ? "duplicate" : "stored");
    if (!received.duplicate) this.#stored(message.conversationId);
    return received;
  }

  async receiveEvents(channel: string, events: readonly PlatformEvent[]): Promise<ReceivedEvent[]> {
    const { conversations, burstMs, observer } = this.#options;
    const flooding = new Map<string, PlatformAddress>();
    const read = events.filter((event) => {
      if (event.type !== "message" && event.type !== "edited") return true;
      const pace = this.#pace(`${channel} ${event.address.key}`);
      if (pace === "crossed") flooding.set(event.address.key, event.address);
      return pace === "fine";
    });
    let outcomes: ReceivedEvent[];
    try {
      outcomes = await conversations.receiveEvents(channel, read.map(bounded), burstMs);
    } catch (error) {
      // The same batch comes again: it must not count twice.
      for (const event of events) this.#uncount(channel, event);
      throw error;
    }
    for (const { outcome, conversationId } of outcomes) {
      observer.received(channel, outcome);
      if (outcome === "stored" && conversationId !== undefined) this.#stored(conversationId);
    }
    if (outcomes.some(({ outcome }) => outcome === "applied")) this.#options.turns.wake(0);
    for (let left = events.length - read.length; left > 0; left -= 1) observer.received(channel, "flood");
    for (const address of flooding.values()) await this.#tellTooFast(channel, address);
    const outcomeOf = new Map(read.map((event, index) => [event, outcomes[index]]));
    return events.map((event) => outcomeOf.get(event) ?? { outcome: "ignored", isNew: false });
  }

  #stored(conversationId: string): void {
    const { events, turns, burstMs, busyAfter, conversations, wording, logger } = this.#options;
    events.publish(conversationId, { type: "message" });
    turns.wake(burstMs);
    if (turns.waiting <= busyAfter) return;
    conversations
      .tellBusy(conversationId, { sender: "system", text: wording.busy() })
      .then((told) => told && events.publish(conversationId, { type: "message" }))
      .catch((err: unknown) => logger.warn({ err, conversationId }, "a contact could not be told to wait"));
  }

  /** Kept in memory on purpose: it guards the store. Another replica begins its own count. */
  #pace(key: string): "fine" | "crossed" | "over" {
    const now = this.#options.now();
    const known = this.#paces.get(key);
    const pace = known === undefined || now - known.since >= minute ? { since: now, count: 0 } : known;
    pace.count += 1;
    this.#paces.delete(key);
    this.#paces.set(key, pace);
    if (this.#paces.size > mostPaces) {
      for (const oldest of this.#paces.keys()) {
        this.#paces.delete(oldest);
        break;
      }
    }
    const over = pace.count - this.#options.perContactPerMinute;
    if (over <= 0) return "fine";
    return over === 1 ? "crossed" : "over";
  }

  #uncount(channel: string, event: PlatformEvent): void {
    if (event.type !== "message" && event.type !== "edited") return;
    const pace = this.#paces.get(`${channel} ${event.address.key}`);
    if (pace !== undefined) pace.count -= 1;
  }

  async #tellTooFast(channel: string, address: PlatformAddress): Promise<void> {
    const { conversations, wording, logger } = this.#options;
    try {
      const { id } = await conversations.open(channel, { address });
      await conversations.post(id, [{ sender: "system", text: wording.tooFast() }]);
      logger.warn({ conversationId: id, channel }, "a contact writes faster than is read");
    } catch (err) {
      logger.warn({ err, channel }, "a contact could not be told to write slower");
    }
  }
}

function bounded(event: PlatformEvent): PlatformEvent {
  return event.type === "message" || event.type === "edited"
    ? { ...event, text: boundText(event.text) }
    : event;
}
