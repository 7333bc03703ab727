import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { beforeEach, describe, expect, it } from "vitest";
import type { WebhookEventType } from "../../../src/integrations/webhook-event.ts";
import type { LaneClaim } from "../../../src/messaging/lane-store.ts";
import type { Database } from "../../../src/storage/database.ts";
import { SqlLaneStore } from "../../../src/storage/lane-store.ts";
import { createSealer } from "../../../src/storage/sealer.ts";
import { insertWebhookEvents, webhooksChanged } from "../../../src/storage/webhook-events.ts";
import { SqlWebhookQueue } from "../../../src/storage/webhook-queue.ts";
import { SqlWebhookStore } from "../../../src/storage/webhook-store.ts";
import { forEachDatabase } from "../../support/databases.ts";
import { insertConversation, insertMessage } from "../../support/sample-conversations.ts";

forEachDatabase((name, open) => {
  const sealer = createSealer(new Uint8Array(32).fill(7));
  let now: Date;
  let database: Database;
  let store: SqlWebhookStore;
  let queue: SqlWebhookQueue;
  let lanes: SqlLaneStore;

  beforeEach(async () => {
    now = new Date("2026-11-21T08:00:00.000Z");
    database = await open();
    const { db } = database;
    store = new SqlWebhookStore({ db, sealer, newId: randomUUID, now: () => now });
    queue = new SqlWebhookQueue({ db, sealer, now: () => now });
    lanes = new SqlLaneStore({ db });
  });

  const add = (events: WebhookEventType[] = ["conversation.replied"], url = "https://a.example.cn/hook") =>
    store.add({ url, events }, "whsec_geheim");
  const insert = (type: WebhookEventType, conversationId = "c-1", messageId?: string) =>
    insertWebhookEvents(
      database.db,
      type,
      { conversationId, ...(messageId === undefined ? {} : { messageId }) },
      now,
    );
  const deliveries = (id: string) => store.deliveries(id, { limit: 100 });
  const claim = async (id: string): Promise<LaneClaim> => {
    const claimed = await lanes.acquire("webhook", id, "replica-1", 60_000);
    if (claimed === undefined) throw new Error("The lane is taken.");
    return claimed;
  };
  const eventIds = async (held: LaneClaim) =>
    ((await queue.load(held, 10))?.events ?? []).map(({ id }) => id);

  describe("endpoints", () => {
    it("are listed without their secret, which is stored sealed", async () => {
      const endpoint = await add();
      expect(endpoint).toEqual({
        id: endpoint.id,
        url: "https://a.example.cn/hook",
        events: ["conversation.replied"],
        active: true,
        createdAt: "2026-11-21T08:00:00.000Z",
      });
      expect(await store.list()).toEqual([endpoint]);
      expect(await store.find(endpoint.id)).toEqual(endpoint);
      const row = await database.db.selectFrom("webhook_endpoints").selectAll().executeTakeFirstOrThrow();
      expect(JSON.stringify(row)).not.toContain("whsec_geheim");
      expect(sealer.open(row.sealed_secret)).toBe("whsec_geheim");
    });

    it("can be switched off and on, which fails what waited for them", async () => {
      const { id } = await add();
      await insert("conversation.replied");
      expect(await store.change(id, { active: false })).toMatchObject({ active: false });
      expect(await deliveries(id)).toMatchObject([{ state: "failed", reason: "switched_off" }]);
      await insert("conversation.replied");
      expect(await deliveries(id)).toHaveLength(1);
      expect(await store.change(id, { active: true })).toMatchObject({
        active: true,
        events: ["conversation.replied"],
      });
      await insert("conversation.replied");
      expect(await deliveries(id)).toHaveLength(2);
      expect(await store.change("no-such", { active: true })).toBeUndefined();
    });

    it("can choose other events", async () => {
      const { id } = await add();
      expect(await store.change(id, { events: ["conversation.opened"] })).toMatchObject({
        active: true,
        events: ["conversation.opened"],
      });
      await insert("conversation.replied");
      await insert("conversation.opened");
      expect(await deliveries(id)).toMatchObject([{ type: "conversation.opened" }]);
    });

    it("go with their events and their lane", async () => {
      const { id } = await add();
      await insert("conversation.replied");
      await claim(id);
      expect(await store.remove(id)).toBe(true);
      expect(await store.remove(id)).toBe(false);
      for (const table of ["webhook_endpoints", "webhook_events", "lanes"] as const) {
        expect(await database.db.selectFrom(table).selectAll().execute()).toEqual([]);
      }
    });
  });

  describe("an event", () => {
    it("is written once for each active endpoint that wants its type, and for no other", async () => {
      const first = await add(["conversation.replied", "conversation.opened"]);
      const second = await add(["conversation.replied"]);
      const other = await add(["conversation.forgotten"]);
      const off = await add(["conversation.replied"]);
      await store.change(off.id, { active: false });
      await insert("conversation.replied");
      const written = await database.db.selectFrom("webhook_events").select(["id", "endpoint_id"]).execute();
      expect(written.map((row) => row.endpoint_id).sort()).toEqual([first.id, second.id].sort());
      expect(new Set(written.map((row) => row.id)).size).toBe(2);
      expect(await deliveries(other.id)).toEqual([]);
    });

    it("carries ids, channel, door and seq, and no text", async () => {
      const { id } = await add(["conversation.message_received"]);
      await insertConversation(database, { id: "c-1", channel: "telegram", origin: "yuzhong-01" });
      const seq = await insertMessage(database, "c-1", "m-1");
      await insert("conversation.message_received", "c-1", "m-1");
      expect(await deliveries(id)).toMatchObject([
        { state: "queued", attempts: 0, createdAt: "2026-11-21T08:00:00.000Z" },
      ]);
      expect((await deliveries(id))[0]?.data).toEqual({
        conversationId: "c-1",
        channel: "telegram",
        origin: "yuzhong-01",
        messageId: "m-1",
        seq,
      });
    });

    it("of a conversation that is gone keeps what it was given", async () => {
      const { id } = await add(["conversation.forgotten"]);
      const body = { conversationId: "gone", channel: "wechat" };
      await insertWebhookEvents(database.db, "conversation.forgotten", body, now);
      expect((await deliveries(id))[0]?.data).toEqual(body);
    });

    it("comes or goes with its transaction", async () => {
      const { id } = await add();
      const failing = database.db.transaction().execute(async (tx) => {
        await insertWebhookEvents(tx, "conversation.replied", { conversationId: "c-1" }, now);
        throw new Error("rolled back");
      });
      await expect(failing).rejects.toThrow("rolled back");
      expect(await deliveries(id)).toEqual([]);
    });

    // PGlite is one connection: nothing happens there beside a transaction.
    it.runIf(name === "PostgreSQL")("does not fail with an endpoint that is removed meanwhile", async () => {
      const { id } = await add();
      const removing = Promise.withResolvers<void>();
      const mayEnd = Promise.withResolvers<void>();
      const removal = database.db.transaction().execute(async (tx) => {
        await tx.deleteFrom("webhook_endpoints").where("id", "=", id).execute();
        removing.resolve();
        await mayEnd.promise;
      });
      await removing.promise;
      const inserting = insert("conversation.replied");
      const waiting = sql`select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`;
      while ((await waiting.execute(database.db)).rows.length === 0);
      mayEnd.resolve();
      await removal;
      await inserting;
      expect(await deliveries(id)).toEqual([]);
    });

    it("is told of after the commit, and only where somebody wants it", async () => {
      const heard: string[] = [];
      let next = Promise.withResolvers<void>();
      const stopListening = await database.listen(webhooksChanged, (payload) => {
        heard.push(payload);
        next.resolve();
      });
      try {
        await insert("conversation.replied");
        await add();
        await next.promise;
        // The endpoint's own notification; the event before it had nobody to go to.
        expect(heard).toEqual([""]);
        next = Promise.withResolvers();
        await insert("conversation.opened");
        await insert("conversation.replied");
        await next.promise;
        expect(heard).toEqual(["", ""]);
      } finally {
        await stopListening();
      }
    });
  });

  describe("the queue", () => {
    it("says which endpoints wait for a lane: not those whose lane is armed, held or put off", async () => {
      expect(await queue.look()).toEqual({ anyActive: false, unarmed: [] });
      const { id } = await add();
      expect(await queue.look()).toEqual({ anyActive: true, unarmed: [] });
      await insert("conversation.replied");
      expect(await queue.look()).toEqual({ anyActive: true, unarmed: [id] });
      await lanes.arm("webhook", id, 0);
      expect((await queue.look()).unarmed).toEqual([]);
      const [held] = await lanes.claim("webhook", "replica-1", 1, 60_000);
      expect((await queue.look()).unarmed).toEqual([]);
      await lanes.release(held as LaneClaim, { again: 3_600_000 });
      expect((await queue.look()).unarmed).toEqual([]);
      const again = await claim(id);
      await lanes.release(again);
      // Its work ended well and nothing armed it since: what still waits needs a new arming.
      expect((await queue.look()).unarmed).toEqual([id]);
      await store.change(id, { active: false });
      expect(await queue.look()).toEqual({ anyActive: false, unarmed: [] });
    });

    it("hands out the oldest events first, with the opened secret", async () => {
      const { id } = await add(["conversation.opened", "conversation.replied"]);
      for (let count = 0; count < 5; count++) await insert("conversation.replied", `c-${count}`);
      const work = await queue.load(await claim(id), 3);
      expect(work).toMatchObject({ url: "https://a.example.cn/hook", secret: "whsec_geheim" });
      expect(work?.events.map(({ data }) => data.conversationId)).toEqual(["c-0", "c-1", "c-2"]);
      expect(work?.events[0]).toMatchObject({
        type: "conversation.replied",
        createdAt: "2026-11-21T08:00:00.000Z",
      });
      await store.change(id, { active: false });
      expect(await queue.load(await claim(id), 3)).toBeUndefined();
    });

    it("counts tries, keeps the last reason and forgets it when the event is sent", async () => {
      const { id } = await add();
      await insert("conversation.replied");
      const held = await claim(id);
      const [event = ""] = await eventIds(held);
      expect(await queue.begin(held, event, 60_000)).toBe(true);
      expect(await queue.leave(held, event, "status_500")).toBe(true);
      expect(await deliveries(id)).toMatchObject([{ state: "queued", reason: "status_500", attempts: 1 }]);
      expect(await queue.begin(held, event, 60_000)).toBe(true);
      expect(await queue.sent(held, event)).toBe(true);
      const [sent] = await deliveries(id);
      expect(sent).toMatchObject({ state: "sent", attempts: 2, endedAt: "2026-11-21T08:00:00.000Z" });
      expect(sent).not.toHaveProperty("reason");
      expect(await queue.begin(held, event, 60_000)).toBe(false);
      expect(await eventIds(held)).toEqual([]);
    });

    it("renews the lease with each try", async () => {
      const { id } = await add();
      await insert("conversation.replied");
      const held = (await lanes.acquire("webhook", id, "replica-1", 1)) as LaneClaim;
      const [event = ""] = await eventIds(held);
      await queue.begin(held, event, 60_000);
      expect(await lanes.held("webhook")).toEqual([id]);
    });

    it("changes nothing for who lost the claim", async () => {
      const { id } = await add();
      await insert("conversation.replied");
      const lost = (await lanes.acquire("webhook", id, "replica-1", -1)) as LaneClaim;
      const held = (await lanes.acquire("webhook", id, "replica-2", 60_000)) as LaneClaim;
      const [event = ""] = await eventIds(held);
      expect(await queue.begin(lost, event, 60_000)).toBe(false);
      expect(await queue.sent(lost, event)).toBe(false);
      expect(await queue.leave(lost, event, "timeout")).toBe(false);
      expect(await queue.giveUp(lost, now)).toBe(false);
      expect(await queue.disable(lost, "status_410")).toBe(false);
      expect(await deliveries(id)).toMatchObject([{ state: "queued", attempts: 0 }]);
      expect(await store.find(id)).toMatchObject({ active: true });
      expect(await queue.sent(held, event)).toBe(true);
    });

    it("gives up the event that failed and what could not be tried behind it, not what is younger", async () => {
      const { id } = await add();
      await insert("conversation.replied", "old-1");
      await insert("conversation.replied", "old-2");
      now = new Date("2026-11-22T08:00:00.000Z");
      await insert("conversation.replied", "young");
      const held = await claim(id);
      const [event = ""] = await eventIds(held);
      await queue.leave(held, event, "ECONNREFUSED");
      expect(await queue.giveUp(held, new Date("2026-11-21T08:00:00.000Z"))).toBe(true);
      expect(await deliveries(id)).toMatchObject([
        { state: "queued", data: { conversationId: "young" } },
        { state: "failed", reason: "waited_behind_failed", endedAt: "2026-11-22T08:00:00.000Z" },
        { state: "failed", reason: "ECONNREFUSED" },
      ]);
    });

    it("switches an endpoint off and fails what waits for it", async () => {
      const { id } = await add();
      await insert("conversation.replied");
      expect(await queue.disable(await claim(id), "status_410")).toBe(true);
      expect(await store.find(id)).toMatchObject({ active: false });
      expect(await deliveries(id)).toMatchObject([{ state: "failed", reason: "status_410" }]);
    });
  });

  describe("the list of deliveries", () => {
    it("shows the newest first, by state and in pages", async () => {
      const { id } = await add();
      for (let count = 0; count < 4; count++) await insert("conversation.replied", `c-${count}`);
      const held = await claim(id);
      const [first = ""] = await eventIds(held);
      await queue.sent(held, first);
      const page = await store.deliveries(id, { limit: 2 });
      expect(page.map(({ data }) => data.conversationId)).toEqual(["c-3", "c-2"]);
      const rest = await store.deliveries(id, { limit: 2, before: page[1]?.seq ?? 0 });
      expect(rest.map(({ data }) => data.conversationId)).toEqual(["c-1", "c-0"]);
      expect(await store.deliveries(id, { limit: 9, state: "sent" })).toMatchObject([{ id: first }]);
      expect(await store.deliveries("other", { limit: 9 })).toEqual([]);
    });

    it("forgets what ended before a day, never what waits", async () => {
      const { id } = await add();
      await insert("conversation.replied", "ended");
      await insert("conversation.replied", "waits");
      const held = await claim(id);
      const [first = ""] = await eventIds(held);
      await queue.sent(held, first);
      expect(await store.removeEnded(now)).toBe(0);
      expect(await store.removeEnded(new Date(now.getTime() + 1))).toBe(1);
      expect(await deliveries(id)).toMatchObject([{ data: { conversationId: "waits" } }]);
    });
  });
});
