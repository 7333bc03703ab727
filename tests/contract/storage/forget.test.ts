import { sql } from "kysely";
import { beforeEach, describe, expect, it } from "vitest";
import { SqlConversationStore } from "../../../src/storage/conversation-store.ts";
import type { Database } from "../../../src/storage/database.ts";
import {
  eraseAddress,
  forgetConversation,
  purgeForgotten,
  receiptPatience,
} from "../../../src/storage/forget.ts";
import { SqlLaneStore } from "../../../src/storage/lane-store.ts";
import { createSealer } from "../../../src/storage/sealer.ts";
import { forEachDatabase } from "../../support/databases.ts";
import { filledTables, insertConversation, insertDelivery, insertMessage } from "./sample-conversation.ts";

const now = new Date("2026-03-01T08:00:00.000Z");
const laterThanReceipt = new Date(now.getTime() + receiptPatience);

forEachDatabase((_name, open) => {
  let database: Database;

  beforeEach(async () => {
    database = await open();
  });

  const forget = (id: string, afterSeq?: number) =>
    database.db.transaction().execute((tx) => forgetConversation(tx, id, now, afterSeq));

  async function say(conversationId: string, id: string, state: "queued" | "sent", channel = "telegram") {
    await insertMessage(database.db, id, { conversationId, at: now, sender: "system" });
    await insertDelivery(database.db, id, { conversationId, channel, at: now, state });
  }

  /** Every value of the database as text, to look for what must not be there. */
  async function everything(): Promise<string> {
    const tables = await database.db.introspection.getTables();
    const texts = await Promise.all(
      tables.map(async ({ name }) => {
        const { rows } = await sql<{ row: string }>`
          select t::text as row from ${sql.table(name)} as t order by row`.execute(database.db);
        return rows.map(({ row }) => `${name} ${row}`).join("\n");
      }),
    );
    return texts.join("\n");
  }

  const notedFiles = async () => {
    const rows = await database.db.selectFrom("files_to_remove").select("id").orderBy("id").execute();
    return rows.map(({ id }) => id);
  };

  describe("being forgotten", () => {
    it("takes messages, requests, files, origin, notice and the contact at once", async () => {
      await insertConversation(database.db, "c1", { at: now, key: "7001", handOver: true, files: true });
      await forget("c1");
      expect(await filledTables(database.db)).toEqual({
        // The contact is another one; conversation, lanes and address are kept for the receipt.
        contacts: 1,
        conversations: 1,
        lanes: 2,
        addresses: 1,
        files_to_remove: 2,
        event_log: 1,
      });
      expect(await notedFiles()).toEqual(["c1-photo", "c1-upload"]);
      const text = await everything();
      expect(text).not.toContain("c1-contact");
      expect(text).not.toContain("text of");
      expect(await database.db.selectFrom("conversations").selectAll().executeTakeFirst()).toMatchObject({
        id: "c1",
        origin: null,
        notice_given_at: null,
        busy_told_at: null,
      });
    });

    it("leaves one row in the event log, which names nobody", async () => {
      await insertConversation(database.db, "c1", { at: now, key: "7001" });
      await forget("c1");
      const [event] = await database.db.selectFrom("event_log").selectAll().execute();
      expect(event).toMatchObject({ type: "forgotten", channel: "telegram", details: {}, at: now });
    });

    it("touches nobody else", async () => {
      await insertConversation(database.db, "c1", { at: now, key: "7001", handOver: true, files: true });
      await insertConversation(database.db, "c2", { at: now, key: "7002", handOver: true, files: true });
      const other = (text: string) => text.split("\n").filter((line) => /\bc2\b|7002/.test(line));
      const before = other(await everything());
      expect(before.length).toBeGreaterThan(8);
      await forget("c1");
      expect(other(await everything())).toEqual(before);
    });

    it("keeps a contact who has another conversation", async () => {
      await insertConversation(database.db, "c1", { at: now, key: "7001" });
      await insertConversation(database.db, "c2", { at: now, key: "7001", channel: "wechat" });
      await database.db
        .updateTable("conversations")
        .set({ contact_id: "c1-contact" })
        .where("id", "=", "c2")
        .execute();
      await forget("c1");
      const other = await database.db
        .selectFrom("conversations")
        .select("contact_id")
        .where("id", "=", "c2")
        .executeTakeFirstOrThrow();
      expect(other.contact_id).toBe("c1-contact");
    });

    it("rolls back with the turn", async () => {
      await insertConversation(database.db, "c1", { at: now, key: "7001", files: true });
      const before = await everything();
      await expect(
        database.db.transaction().execute(async (tx) => {
          await forgetConversation(tx, "c1", now);
          throw new Error("the turn failed");
        }),
      ).rejects.toThrow("the turn failed");
      expect(await everything()).toBe(before);
    });

    it("keeps what the contact wrote after the turn, and with it their address", async () => {
      await insertConversation(database.db, "c1", { at: now, key: "7001", files: true });
      const wish = await insertMessage(database.db, "wish", {
        conversationId: "c1",
        at: now,
        sender: "contact",
        waiting: true,
      });
      await insertMessage(database.db, "later", {
        conversationId: "c1",
        at: now,
        sender: "contact",
        waiting: true,
      });
      await forget("c1", wish);
      const messages = await database.db.selectFrom("messages").select("id").execute();
      expect(messages).toEqual([{ id: "later" }]);
      const address = await database.db.selectFrom("addresses").selectAll().executeTakeFirstOrThrow();
      expect(address).toMatchObject({
        erase_after: null,
        key_hash: createSealer().hash("telegram", "7001"),
      });
      expect(await eraseAddress(database.db, "c1")).toBe(false);
      expect(await purgeForgotten(database.db, laterThanReceipt)).toBe(0);
    });

    it("a conversation that does not exist is nothing to do", async () => {
      await forget("nobody");
      expect(await filledTables(database.db)).toEqual({});
    });
  });

  describe("the receipt", () => {
    it("takes the address and all the rest along when it was sent, and not before", async () => {
      await insertConversation(database.db, "c1", { at: now, key: "7001" });
      await forget("c1");
      await say("c1", "receipt", "queued");
      expect(await eraseAddress(database.db, "c1", now)).toBe(false);
      expect(await everything()).toContain("7001");
      await database.db.updateTable("deliveries").set({ state: "sent" }).execute();
      expect(await eraseAddress(database.db, "c1", now)).toBe(true);
      expect(await filledTables(database.db)).toEqual({ event_log: 1 });
      expect(await everything()).not.toContain("7001");
      expect(await eraseAddress(database.db, "c1", now)).toBe(false);
    });

    it("goes by the job when it could not be handed over within the hour", async () => {
      await insertConversation(database.db, "c1", { at: now, key: "7001" });
      await insertConversation(database.db, "c2", { at: now, key: "7002" });
      await forget("c1");
      await say("c1", "receipt", "queued");
      expect(await purgeForgotten(database.db, new Date(laterThanReceipt.getTime() - 1))).toBe(0);
      expect(await purgeForgotten(database.db, laterThanReceipt)).toBe(1);
      expect(await everything()).not.toContain("7001");
      expect(await everything()).toContain("7002");
    });

    it("the job works through more than it looks at in one go", async () => {
      for (let number = 0; number < 45; number += 1) {
        await insertConversation(database.db, `c${number}`, { at: now, key: `${number}` });
        await forget(`c${number}`);
      }
      expect(await purgeForgotten(database.db, laterThanReceipt)).toBe(45);
      expect(await filledTables(database.db)).toEqual({ event_log: 45 });
    });

    it("a conversation that nobody asked to forget stays, although nothing waits in it", async () => {
      await insertConversation(database.db, "c1", { at: now, key: "7001" });
      const before = await everything();
      expect(await eraseAddress(database.db, "c1", now)).toBe(false);
      expect(await purgeForgotten(database.db, laterThanReceipt)).toBe(0);
      expect(await everything()).toBe(before);
    });

    it("a message that still waits for its turn keeps the conversation until it was answered", async () => {
      await insertConversation(database.db, "c1", { at: now, key: "7001" });
      await forget("c1");
      await insertMessage(database.db, "more", {
        conversationId: "c1",
        at: now,
        sender: "contact",
        waiting: true,
      });
      expect(await eraseAddress(database.db, "c1", now)).toBe(false);
      expect(await purgeForgotten(database.db, laterThanReceipt)).toBe(0);
      await database.db.updateTable("messages").set({ answered_at: now.toISOString() }).execute();
      expect(await eraseAddress(database.db, "c1", now)).toBe(true);
    });
  });

  describe("a web visitor", () => {
    it("fetches the receipt with the same token, which goes when it was fetched", async () => {
      await insertConversation(database.db, "c1", { channel: "web", at: now, token: "token" });
      await forget("c1");
      await say("c1", "receipt", "queued", "web");
      const visitor = await database.db.selectFrom("visitors").selectAll().executeTakeFirstOrThrow();
      expect(visitor).toMatchObject({ token_hash: "token", conversation_id: "c1" });
      expect(await eraseAddress(database.db, "c1", now)).toBe(false);
      await database.db.updateTable("deliveries").set({ state: "sent" }).execute();
      expect(await eraseAddress(database.db, "c1", now)).toBe(true);
      expect(await filledTables(database.db)).toEqual({ event_log: 1 });
    });

    it("who never fetches it is gone after the hour", async () => {
      await insertConversation(database.db, "c1", { channel: "web", at: now, token: "token" });
      await forget("c1");
      await say("c1", "receipt", "queued", "web");
      expect(await purgeForgotten(database.db, laterThanReceipt)).toBe(1);
      expect(await filledTables(database.db)).toEqual({ event_log: 1 });
    });

    it("who writes again before fetching it goes on with the same token in a conversation that began anew", async () => {
      await insertConversation(database.db, "c1", { channel: "web", at: now, token: "token" });
      await forget("c1");
      await insertMessage(database.db, "again", { conversationId: "c1", at: now, sender: "contact" });
      expect(await eraseAddress(database.db, "c1", now)).toBe(false);
      expect(await purgeForgotten(database.db, laterThanReceipt)).toBe(0);
      expect(await filledTables(database.db)).toMatchObject({ visitors: 1, messages: 1, conversations: 1 });
    });
  });

  describe("in the road", () => {
    const address = { key: "7001", surface: "private", data: { chat: "7001" } } as const;
    const message = (externalId: string) => ({
      type: "message" as const,
      address,
      externalId,
      text: externalId,
    });

    it("who was forgotten begins a new conversation, while the receipt of the old one still waits", async () => {
      let ids = 0;
      const lanes = new SqlLaneStore({ db: database.db });
      const store = new SqlConversationStore({
        db: database.db,
        sealer: createSealer(),
        newId: () => `id-${++ids}`,
        now: () => now,
      });
      const [first] = await store.receiveEvents("telegram", [message("删除我的信息")], 0);
      const [claim] = await lanes.claim("turn", "me", 1, 10_000);
      if (claim === undefined) throw new Error("The turn is not due.");
      const work = await store.loadTurn(claim, 10, 10);
      if (work === undefined) throw new Error("There is no work.");
      const told = await store.finishTurn(claim, work, {
        replies: [{ sender: "system", text: "您的信息已经删除。" }],
        forget: true,
      });
      expect(told?.replies).toHaveLength(1);
      const [second] = await store.receiveEvents("telegram", [message("还有个问题")], 0);
      expect(second).toMatchObject({ outcome: "stored", isNew: true });
      expect(second?.conversationId).not.toBe(first?.conversationId);
      await database.db.updateTable("deliveries").set({ state: "sent" }).execute();
      expect(await eraseAddress(database.db, first?.conversationId ?? "", now)).toBe(true);
      expect(await store.find(first?.conversationId ?? "")).toBeUndefined();
      const [third] = await store.receiveEvents("telegram", [message("在吗")], 0);
      expect(third).toMatchObject({ conversationId: second?.conversationId, isNew: false });
    });
  });
});
