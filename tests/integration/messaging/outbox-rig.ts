import { afterEach, beforeEach, expect } from "vitest";
import type { ChannelSender, SendMarks, SendOutcome } from "../../../src/messaging/delivery.ts";
import { Outbox, type OutboxOptions } from "../../../src/messaging/outbox.ts";
import type { Database } from "../../../src/storage/database.ts";
import { openStores } from "../../support/open-stores.ts";
import { type RoadRecord, recordRoad } from "../../support/road.ts";

export interface Sent {
  readonly to: string;
  readonly text: string;
  readonly marks: SendMarks;
}

/** An outbox over real stores in front of a platform that follows a script, made anew for every test. */
export class OutboxRig {
  database!: Database;
  stores!: ReturnType<typeof openStores>;
  record!: RoadRecord;
  /** What the platform has. */
  sent: Sent[] = [];
  /** What the platform says to the next sends; afterwards it takes everything. `deaf`: not even the signal is heard. */
  script: (SendOutcome | "hang" | "deaf" | "throw")[] = [];
  #outboxes: Outbox[] = [];

  constructor(open: () => Promise<Database>) {
    beforeEach(async () => {
      this.database = await open();
      this.stores = openStores(this.database);
      this.record = recordRoad();
      this.sent = [];
      this.script = [];
      this.#outboxes = [];
    });
    afterEach(() => Promise.all(this.#outboxes.map((outbox) => outbox.stop(0))));
  }

  /** A platform that takes texts, a part for every line. */
  readonly platform: ChannelSender = {
    channel: "test",
    limits: {},
    partsOf: ({ text }) => text.split("\n").map((line) => ({ text: line })),
    send: async ({ key }, { text }, marks, signal) => {
      const next = this.script.shift() ?? { state: "sent" as const, platformId: `${this.sent.length}` };
      if (next === "throw") throw new Error("broken");
      if (next === "deaf") return new Promise<never>(() => {});
      if (next === "hang") {
        return new Promise<never>((_, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason)),
        );
      }
      if (next.state === "sent") this.sent.push({ to: key, text, marks });
      return next;
    },
  };

  outbox(options: Partial<OutboxOptions> = {}): Outbox {
    const made = new Outbox({
      sender: this.platform,
      lanes: this.stores.lanes,
      store: this.stores.outbox,
      owner: "test",
      maySend: () => true,
      logger: this.record.logger,
      observer: this.record.observer,
      now: () => performance.now(),
      random: () => 0,
      retryMs: 1,
      pollMs: 20,
      ...options,
    });
    this.#outboxes.push(made);
    made.start();
    return made;
  }

  /** Somebody who wrote once; resolves to their conversation. */
  async contact(key: string, surface: "private" | "group" = "private"): Promise<string> {
    const address = { key, surface, data: {} };
    const event = { type: "message" as const, address, externalId: "1", text: "在吗" };
    const [first] = await this.stores.conversations.receiveEvents("test", [event], 0);
    return first?.conversationId ?? "";
  }

  say(id: string, ...texts: string[]) {
    return this.stores.conversations.post(
      id,
      texts.map((text) => ({ sender: "bot" as const, text })),
    );
  }

  ledger() {
    return this.database.db
      .selectFrom("deliveries")
      .select(["state", "reason", "parts_sent as parts", "repeated", "unknowns"])
      .orderBy("seq")
      .execute();
  }

  async workedOff(): Promise<void> {
    const waiting = async () =>
      (await this.ledger()).filter(({ state }) => state === "queued" || state === "sending").length;
    await expect.poll(waiting, { timeout: 10_000, interval: 5 }).toBe(0);
  }

  texts(): string[] {
    return this.sent.map(({ text }) => text);
  }
}
