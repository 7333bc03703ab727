import { afterEach, beforeEach, expect } from "vitest";
import type { GroundedAnswer } from "../../../src/answering/grounded-answer.ts";
import type { StoredMessage } from "../../../src/messaging/message.ts";
import type { TurnHandler, TurnResult } from "../../../src/messaging/turn-handler.ts";
import type { Database } from "../../../src/storage/database.ts";
import { openStores } from "../../support/open-stores.ts";
import { buildRoad, type RoadRecord, recordRoad } from "../../support/road.ts";

const answer: GroundedAnswer = {
  state: "grounded",
  text: "可以。",
  citations: [],
  provenance: [],
  handOver: "none",
  facts: {},
  missing: [],
  calculation: null,
};

export const reply = (text: string): TurnResult => ({ replies: [{ sender: "bot", text, answer }] });
export const joined = (messages: readonly StoredMessage[]) => messages.map(({ text }) => text).join("+");
export const echo: TurnHandler = { handle: async ({ messages }) => reply(`答：${joined(messages)}`) };

type Road = ReturnType<typeof buildRoad>;

/** Inboxes and turn workers over real stores, made anew for every test. */
export class TurnRig {
  database!: Database;
  stores!: ReturnType<typeof openStores>;
  record!: RoadRecord;
  #stops: (() => Promise<void>)[] = [];

  constructor(open: () => Promise<Database>) {
    beforeEach(async () => {
      this.database = await open();
      this.stores = openStores(this.database);
      this.record = recordRoad();
      this.#stops = [];
    });
    afterEach(() => Promise.all(this.#stops.map((stop) => stop())));
  }

  road(
    handler: TurnHandler,
    options: Parameters<typeof buildRoad>[3] = {},
    { start = true, stores = this.stores } = {},
  ): Road {
    const built = buildRoad(stores, handler, this.record, options);
    this.#stops.push(() => built.turns.stop(1_000));
    if (start) built.turns.start();
    return built;
  }

  async conversation(): Promise<string> {
    return (await this.stores.conversations.open("web")).id;
  }

  async write({ inbox }: Road, conversationId: string, text: string): Promise<StoredMessage> {
    const inbound = { channel: "web", conversationId, externalId: text, text };
    return (await inbox.receive(inbound)).message;
  }

  async texts(id: string): Promise<string[]> {
    return (await this.stores.conversations.messagesAfter(id, 0, 200)).map(({ text }) => text);
  }

  async answered(...ids: string[]): Promise<void> {
    for (const id of ids) {
      await expect
        .poll(() => this.stores.conversations.pendingMessage(id), { timeout: 20_000, interval: 5 })
        .toBeUndefined();
    }
  }
}
