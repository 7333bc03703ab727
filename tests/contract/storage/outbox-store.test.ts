import { beforeEach, describe, expect, it } from "vitest";
import type { LaneClaim } from "../../../src/messaging/lane-store.ts";
import type { PlatformEvent } from "../../../src/messaging/platform-event.ts";
import type { Database } from "../../../src/storage/database.ts";
import { forEachDatabase } from "../../support/databases.ts";
import { openStores } from "../../support/open-stores.ts";

const long = 60_000;

forEachDatabase((_name, open) => {
  let database: Database;
  let stores: ReturnType<typeof openStores>;
  let conversationId: string;

  beforeEach(async () => {
    database = await open();
    stores = openStores(database);
    const [received] = await stores.conversations.receiveEvents("test", [write("1")], 0);
    conversationId = received?.conversationId ?? "";
  });

  const write = (externalId: string): PlatformEvent => ({
    type: "message",
    address: { key: "5", surface: "private", data: { chat: 5 } },
    externalId,
    text: externalId,
  });

  async function say(...texts: string[]): Promise<string[]> {
    const posted = await stores.conversations.post(
      conversationId,
      texts.map((text) => ({ sender: "bot", text })),
    );
    return posted.map(({ id }) => id);
  }

  async function claim(owner: string, leaseMs = long): Promise<LaneClaim> {
    const [claimed] = await stores.lanes.claim("send:test", owner, 1, leaseMs);
    if (claimed === undefined) throw new Error("Nothing is due.");
    return claimed;
  }

  /** A claim that is still worked on although another process has taken the lane, and that process's claim. */
  async function claimTwice(): Promise<{ late: LaneClaim; held: LaneClaim }> {
    const late = await claim("late", -1);
    return { late, held: await claim("b") };
  }

  const ledger = () =>
    database.db
      .selectFrom("deliveries")
      .select(["state", "reason", "parts_sent as parts", "unknowns", "attempts", "platform_ids as ids"])
      .orderBy("seq")
      .execute();

  const part = (index: number, last = false) => ({
    index,
    last,
    repeat: false,
    platformId: `p${index}`,
  });

  describe("what waits", () => {
    it("is loaded in its order and bounded, with the address and what the ledger knows", async () => {
      const [first = "", second = ""] = await say("一", "二", "三");
      const held = await claim("a");
      await stores.outbox.begin(held, first);
      await stores.outbox.partSent(held, first, part(0));
      await stores.outbox.begin(held, first);
      const work = await stores.outbox.load(held, 2);
      expect(work).toMatchObject({ address: { key: "5", data: { chat: 5 } }, farewell: false });
      expect(work?.deliveries).toMatchObject([
        { message: { id: first, text: "一" }, state: "sending", attempts: 2, partsSent: 1, unknowns: 0 },
        { message: { id: second, text: "二" }, state: "queued", attempts: 0, partsSent: 0, unknowns: 0 },
      ]);
    });

    it("is nothing where nothing waits, and undefined where there is no address", async () => {
      const held = { kind: "send:test", owner: "a", token: 1, attempts: 1 } as const;
      expect(await stores.outbox.load({ ...held, key: conversationId }, 9)).toMatchObject({ deliveries: [] });
      expect(await stores.outbox.load({ ...held, key: "none" }, 9)).toBeUndefined();
    });

    it("counts each time that its outcome was left open", async () => {
      const [id = ""] = await say("一");
      const held = await claim("a");
      for (const unknowns of [0, 1, 2]) {
        expect(await stores.outbox.begin(held, id)).toBe(true);
        await stores.outbox.leftOpen(held, id, "timeout");
        expect(await ledger()).toMatchObject([{ state: "sending", unknowns, reason: "timeout" }]);
      }
      await stores.outbox.putBack(held, id, "429");
      expect(await ledger()).toMatchObject([{ state: "queued", unknowns: 2, reason: "429" }]);
    });
  });

  describe("a part that the platform has", () => {
    it("is recorded once, however often that is told", async () => {
      const [id = ""] = await say("一");
      const held = await claim("a");
      await stores.outbox.begin(held, id);
      await stores.outbox.partSent(held, id, part(0));
      await stores.outbox.partSent(held, id, part(0));
      expect(await ledger()).toMatchObject([{ state: "queued", parts: 1, ids: ["p0"] }]);
      await stores.outbox.begin(held, id);
      await stores.outbox.partSent(held, id, part(1, true));
      await stores.outbox.partSent(held, id, part(1, true));
      expect(await ledger()).toMatchObject([{ state: "sent", parts: 2, ids: ["p0", "p1"] }]);
    });

    it("is sent although the contact became unreachable in the same moment", async () => {
      const [id = ""] = await say("一", "二");
      const held = await claim("a");
      await stores.outbox.begin(held, id);
      await stores.conversations.receiveEvents("test", [{ type: "blocked", address: write("1").address }], 0);
      await stores.outbox.partSent(held, id, part(0, true));
      expect(await ledger()).toMatchObject([
        { state: "sent", reason: null, ids: ["p0"] },
        { state: "dropped", reason: "blocked" },
      ]);
      expect(await stores.outbox.begin(held, id)).toBe(false);
    });
  });

  describe("a process that comes late, when another one sends for the contact", () => {
    it("begins nothing", async () => {
      const [id = ""] = await say("一");
      const { late } = await claimTwice();
      expect(await stores.outbox.begin(late, id)).toBe(false);
    });

    it("records what the platform took, and the other one's part is not counted a second time", async () => {
      const [id = ""] = await say("一\n二\n三");
      const late = await claim("late", -1);
      await stores.outbox.begin(late, id);
      const held = await claim("b");
      await stores.outbox.begin(held, id);
      await stores.outbox.partSent(late, id, part(0));
      // What the other one has begun may have arrived: it is not taken from the ledger.
      expect(await ledger()).toMatchObject([{ state: "sending", parts: 1 }]);
      await stores.outbox.partSent(held, id, part(0));
      expect(await ledger()).toMatchObject([{ parts: 1, ids: ["p0"] }]);
    });

    it("neither puts back nor ends what the other one has begun", async () => {
      const [id = ""] = await say("一");
      const { late, held } = await claimTwice();
      await stores.outbox.begin(held, id);
      await stores.outbox.putBack(late, id, "429");
      await stores.outbox.end(late, id, "failed", "bad_request");
      expect(await ledger()).toMatchObject([{ state: "sending", reason: null }]);
    });
  });

  describe("what is said while the lane rests", () => {
    it("waits behind what the platform did not want yet, and is due with it", async () => {
      await say("一");
      await stores.lanes.release(await claim("a"), { again: long });
      await say("二");
      expect(await stores.lanes.claim("send:test", "a", 1, long)).toEqual([]);
      await stores.lanes.arm("send:test", conversationId, 0);
      expect((await stores.outbox.load(await claim("a"), 9))?.deliveries).toHaveLength(2);
    });

    it("because its work is done, is due at once", async () => {
      await say("一");
      await stores.lanes.release(await claim("a"));
      await say("二");
      await claim("a");
    });
  });

  describe("the backlog", () => {
    it("counts conversations that wait, by channel, and tells how long the oldest waits", async () => {
      expect(await stores.outbox.backlog(["test"])).toEqual({});
      await say("一", "二");
      const { test } = await stores.outbox.backlog(["test", "other"]);
      expect(test?.waiting).toBe(1);
      expect(test?.oldestMs).toBeGreaterThanOrEqual(0);
    });
  });
});
