import { sql, type Transaction } from "kysely";
import { beforeAll, describe, expect, it } from "vitest";
import type { TurnWork } from "../../../src/messaging/conversation-store.ts";
import type { LaneClaim, LaneKind } from "../../../src/messaging/lane-store.ts";
import type { PlatformEvent } from "../../../src/messaging/platform-event.ts";
import type { Database } from "../../../src/storage/database.ts";
import { deleteConversations, lockFreeConversations } from "../../../src/storage/delete-conversations.ts";
import { migrateDatabase } from "../../../src/storage/migrate.ts";
import type { Tables } from "../../../src/storage/tables.ts";
import { seededRandom } from "../../support/bot-api/faults.ts";
import { describePostgres, openTemporaryPostgres } from "../../support/databases.ts";
import { openStores } from "../../support/open-stores.ts";

const long = 60_000;
const write = (key: string, externalId: string): PlatformEvent => ({
  type: "message",
  address: { key, surface: "private", data: {} },
  externalId,
  text: externalId,
});
const reply = { replies: [{ sender: "bot" as const, text: "好。" }] };

describePostgres("two connections to one PostgreSQL", () => {
  let database: Database;
  let stores: ReturnType<typeof openStores>;
  let contacts = 0;

  beforeAll(async () => {
    const temporary = await openTemporaryPostgres();
    database = temporary.database;
    await migrateDatabase(database.db);
    stores = openStores(database);
    return () => temporary.remove();
  });

  /** Somebody new who wrote once; their turn is not claimed yet. */
  async function contact(): Promise<{ key: string; id: string }> {
    const key = `contact ${++contacts}`;
    const [received] = await stores.conversations.receiveEvents("test", [write(key, "1")], 0);
    return { key, id: received?.conversationId ?? "" };
  }

  async function claimOf(id: string, kind: LaneKind = "turn"): Promise<LaneClaim> {
    const claims = await stores.lanes.claim(kind, "a", 1_000, long);
    const own = claims.find(({ key }) => key === id);
    if (own === undefined) throw new Error("The lane is not due.");
    return own;
  }

  async function load(claim: LaneClaim): Promise<TurnWork> {
    const work = await stores.conversations.loadTurn(claim, 50, 50);
    if (work === undefined) throw new Error("The conversation is gone.");
    return work;
  }

  const isDue = async (id: string, kind: LaneKind = "turn") =>
    (await stores.lanes.claim(kind, "looks", 1_000, -1)).some(({ key }) => key === id);

  /**
   * What `second` comes to where it has to wait for the commit of `first`. That it waited is asked of PostgreSQL:
   * else nothing would be shown.
   */
  async function afterWaiting<Result>(
    first: (tx: Transaction<Tables>) => Promise<unknown>,
    second: () => Promise<Result>,
  ): Promise<Result> {
    const waiting = sql<{ count: number }>`select count(*)::int as count from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    const { result } = await database.db.transaction().execute(async (tx) => {
      await first(tx);
      const result = second();
      await expect.poll(async () => (await waiting.execute(database.db)).rows[0]?.count).toBe(1);
      return { result };
    });
    return result;
  }

  describe("a message that comes while its conversation is written to", () => {
    it("waits, so that no message becomes visible after a later one", async () => {
      const { id } = await contact();
      const inbound = { channel: "test", externalId: "2", conversationId: id, text: "二" };
      const received = await afterWaiting(
        (tx) => openStores({ db: tx }).conversations.post(id, [{ sender: "bot", text: "一" }]),
        () => stores.conversations.receive(inbound, 0),
      );
      const all = await stores.conversations.messagesAfter(id, 0, 9);
      expect(all.map(({ text }) => text)).toEqual(["1", "一", "二"]);
      expect(all.at(-1)?.id).toBe(received.message.id);
    });

    it("by the end of a turn gets a turn of its own", async () => {
      const { id } = await contact();
      const claim = await claimOf(id);
      const work = await load(claim);
      const inbound = { channel: "test", externalId: "2", conversationId: id, text: "二" };
      await afterWaiting(
        (tx) => openStores({ db: tx }).conversations.finishTurn(claim, work, reply),
        () => stores.conversations.receive(inbound, 0),
      );
      expect((await load(await claimOf(id))).messages.map(({ text }) => text)).toEqual(["二"]);
    });

    it("for whose commit the end of a turn waits gets a turn of its own too", async () => {
      const { id } = await contact();
      const claim = await claimOf(id);
      const work = await load(claim);
      const inbound = { channel: "test", externalId: "2", conversationId: id, text: "二" };
      const finished = await afterWaiting(
        (tx) => openStores({ db: tx }).conversations.receive(inbound, 0),
        () => stores.conversations.finishTurn(claim, work, reply),
      );
      expect(finished).toBeDefined();
      expect((await load(await claimOf(id))).messages.map(({ text }) => text)).toEqual(["二"]);
    });

    it("by the deletion of what is too old begins a new conversation, and is not lost", async () => {
      const { key, id } = await contact();
      const received = await afterWaiting(
        async (tx) => {
          expect(await lockFreeConversations(tx, [id])).toEqual([id]);
          await deleteConversations(tx, [id], new Date());
        },
        () => stores.conversations.receiveEvents("test", [write(key, "2")], 0),
      );
      expect(received).toMatchObject([{ outcome: "stored", isNew: true }]);
      expect(await isDue(received[0]?.conversationId ?? "")).toBe(true);
    });
  });

  describe("a turn whose lane another process claims in the same moment", () => {
    it("stores nothing", async () => {
      const { id } = await contact();
      const late = (await stores.lanes.claim("turn", "late", 1_000, -1)).find(({ key }) => key === id);
      const work = await load(late as LaneClaim);
      const finished = await afterWaiting(
        (tx) => openStores({ db: tx }).lanes.claim("turn", "b", 1_000, long),
        () => stores.conversations.finishTurn(late as LaneClaim, work, reply),
      );
      expect(finished).toBeUndefined();
      expect(await stores.conversations.messagesAfter(id, 0, 9)).toHaveLength(1);
    });
  });

  describe("a reply that is written while the outbox gives its lane back", () => {
    const say = (of: ReturnType<typeof openStores>, id: string) =>
      of.conversations.post(id, [{ sender: "bot", text: "好。" }]);

    it("is due, where the outbox waits for it", async () => {
      const { id } = await contact();
      await say(stores, id);
      const claim = await claimOf(id, "send:test");
      const released = await afterWaiting(
        (tx) => say(openStores({ db: tx }), id),
        () => stores.lanes.release(claim),
      );
      expect(released).toBe(true);
      expect(await isDue(id, "send:test")).toBe(true);
    });

    it("is due, where it waits for the outbox", async () => {
      const { id } = await contact();
      await say(stores, id);
      const claim = await claimOf(id, "send:test");
      await afterWaiting(
        (tx) => openStores({ db: tx }).lanes.release(claim),
        () => say(stores, id),
      );
      expect(await isDue(id, "send:test")).toBe(true);
    });
  });

  describe("everything at once", () => {
    /** Messages, changes and blocks of everybody, in an order of its own. */
    function batchOf(
      people: readonly { key: string }[],
      name: string,
      random: () => number,
    ): PlatformEvent[] {
      const order = people.map(({ key }) => ({ key, at: random() })).toSorted((a, b) => a.at - b.at);
      return order.flatMap(({ key, at }): PlatformEvent[] => {
        const { address } = write(key, "1");
        const message = write(key, name);
        return at < 0.3
          ? [{ type: "blocked", address }, message]
          : [message, { type: "edited", address, externalId: "1", editId: name, text: name }];
      });
    }

    it.each([
      ["without webhooks", false],
      ["with webhooks", true],
    ])(
      "batches in any order, turns and renewals never wait in a circle, and everything is answered, %s",
      async (_, webhooks) => {
        await database.db.deleteFrom("lanes").execute();
        const random = seededRandom(1);
        const replicas = [1, 2, 3].map(() => openStores(database, { webhooks }));
        const people = await Promise.all(Array.from({ length: 12 }, () => contact()));
        let writing = 3;
        const receive = async ({ conversations }: typeof stores, replica: number) => {
          for (let round = 0; round < 12; round += 1)
            await conversations.receiveEvents("test", batchOf(people, `${replica} ${round}`, random), 0);
          writing -= 1;
        };
        const answer = async ({ conversations, lanes }: typeof stores, replica: number) => {
          while (writing > 0 || (await lanes.countDue("turn")) > 0) {
            const claims = await lanes.claim("turn", `${replica}`, 4, long);
            await lanes.renew(claims.toReversed(), long);
            for (const claim of claims) {
              const work = await load(claim);
              if (work.messages.length === 0) await lanes.release(claim);
              else await conversations.finishTurn(claim, work, { ...reply, noticeGiven: true });
            }
          }
        };
        await Promise.all(
          replicas.flatMap((replica, index) => [receive(replica, index), answer(replica, index)]),
        );
        for (const { id } of people) {
          expect(await stores.conversations.pendingMessage(id)).toBeUndefined();
          const all = await stores.conversations.messagesAfter(id, 0, 1_000);
          expect(all.filter(({ sender }) => sender === "contact").length).toBeGreaterThanOrEqual(1 + 3 * 12);
        }
      },
    );
  });
});
