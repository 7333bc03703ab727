import { beforeEach, describe, expect, it } from "vitest";
import type { FileStore } from "../../../src/messaging/file-store.ts";
import { takeTurns } from "../../../src/storage/batches.ts";
import type { Database } from "../../../src/storage/database.ts";
import { deleteExpired, removeFiles } from "../../../src/storage/retention.ts";
import { jsonText } from "../../../src/storage/storable-text.ts";
import { forEachDatabase } from "../../support/databases.ts";
import {
  filledTables,
  insertAddress,
  insertConversation,
  insertFile,
  insertMessage,
} from "./sample-conversation.ts";

const now = new Date("2026-03-01T19:30:00.000Z");
const day = 24 * 60 * 60 * 1000;
const daysAgo = (days: number) => new Date(now.getTime() - days * day);
const retention = { retentionDays: 30, now };

forEachDatabase((_name, open) => {
  let database: Database;

  beforeEach(async () => {
    database = await open();
  });

  const ids = async (
    table: "conversations" | "contacts" | "attachments" | "files_to_remove" | "webhook_events",
  ) => {
    const rows = await database.db.selectFrom(table).select("id").orderBy("id").execute();
    return rows.map(({ id }) => id);
  };

  describe("conversations", () => {
    it("go with everything that belongs to them once nothing was said for the period", async () => {
      await insertConversation(database.db, "old", { at: daysAgo(31), key: "7001", token: "t", files: true });
      expect(await deleteExpired(database.db, retention)).toEqual({
        conversations: 1,
        uploads: 0,
        webhookEvents: 0,
      });
      expect(await filledTables(database.db)).toEqual({ files_to_remove: 2 });
    });

    it("are measured by their last message, not by their beginning", async () => {
      await insertConversation(database.db, "alive", { at: daysAgo(400) });
      await insertMessage(database.db, "alive-again", {
        conversationId: "alive",
        at: daysAgo(29),
        sender: "contact",
      });
      await insertConversation(database.db, "old", { at: daysAgo(400) });
      expect(await deleteExpired(database.db, retention)).toMatchObject({ conversations: 1 });
      expect(await ids("conversations")).toEqual(["alive"]);
      expect(await ids("contacts")).toEqual(["alive-contact"]);
    });

    it("without any message are measured by their beginning", async () => {
      await insertConversation(database.db, "empty-old", { at: daysAgo(31) });
      await insertConversation(database.db, "empty-new", { at: daysAgo(29) });
      await database.db.deleteFrom("messages").execute();
      await deleteExpired(database.db, retention);
      expect(await ids("conversations")).toEqual(["empty-new"]);
    });

    it("in which a person was asked for are kept twice as long, and no longer", async () => {
      await insertConversation(database.db, "asked-59", { at: daysAgo(59), handOver: true });
      await insertConversation(database.db, "asked-61", { at: daysAgo(61), handOver: true });
      await deleteExpired(database.db, retention);
      expect(await ids("conversations")).toEqual(["asked-59"]);
    });

    it("in which a turn is running are left for the next day", async () => {
      await insertConversation(database.db, "busy", { at: daysAgo(31) });
      await database.db
        .updateTable("lanes")
        .set({ leased_by: "somebody", leased_until: new Date(Date.now() + day).toISOString() })
        .where("kind", "=", "turn")
        .execute();
      const before = await filledTables(database.db);
      expect(await deleteExpired(database.db, retention)).toMatchObject({ conversations: 0 });
      expect(await filledTables(database.db)).toEqual(before);
    });

    it("are all kept where no period is set", async () => {
      await insertConversation(database.db, "old", { at: daysAgo(4000) });
      expect(await deleteExpired(database.db, { retentionDays: 0, now })).toMatchObject({ conversations: 0 });
      expect(await ids("conversations")).toEqual(["old"]);
    });

    it("keep a contact who has a younger one", async () => {
      await insertConversation(database.db, "old", { at: daysAgo(31) });
      await insertConversation(database.db, "young", { at: daysAgo(1) });
      await database.db.updateTable("conversations").set({ contact_id: "old-contact" }).execute();
      await deleteExpired(database.db, retention);
      expect(await ids("conversations")).toEqual(["young"]);
      expect(await ids("contacts")).toContain("old-contact");
    });

    it("with very many messages go too, and their files are not forgotten", async () => {
      await insertConversation(database.db, "long", { at: daysAgo(31), files: true });
      for (let number = 0; number < 250; number += 1) {
        const id = `long-${number}`;
        await insertMessage(database.db, id, { conversationId: "long", at: daysAgo(31), sender: "contact" });
        if (number % 50 === 0) {
          await insertFile(database.db, `${id}-file`, {
            conversationId: "long",
            messageId: id,
            at: daysAgo(31),
          });
        }
      }
      expect(await deleteExpired(database.db, retention)).toMatchObject({ conversations: 1 });
      expect(await filledTables(database.db)).toEqual({ files_to_remove: 7 });
    });

    it("go in any number, and chat is answered between the batches", async () => {
      for (let number = 0; number < 230; number += 1) {
        const name = `c${String(number).padStart(3, "0")}`;
        await insertConversation(database.db, name, { at: daysAgo(number % 10 === 0 ? 1 : 31) });
      }
      let answered = 0;
      let running = true;
      const chat = (async () => {
        while (running) {
          await database.db.selectFrom("conversations").select("id").limit(1).execute();
          answered += 1;
          await takeTurns();
        }
      })();
      const expired = await deleteExpired(database.db, retention);
      running = false;
      await chat;
      expect(expired.conversations).toBe(207);
      expect(await ids("conversations")).toHaveLength(23);
      // 207 go in at least eleven transactions.
      expect(answered).toBeGreaterThan(10);
    });
  });

  describe("uploads", () => {
    it("that were never sent go after a day; those of messages stay", async () => {
      await insertConversation(database.db, "c", { at: daysAgo(2) });
      await insertFile(database.db, "sent", { conversationId: "c", messageId: "c-question", at: daysAgo(2) });
      await insertFile(database.db, "stale", { conversationId: "c", at: daysAgo(1.1) });
      await insertFile(database.db, "fresh", { conversationId: "c", at: daysAgo(0.9) });
      expect(await deleteExpired(database.db, retention)).toMatchObject({ uploads: 1 });
      expect(await ids("attachments")).toEqual(["fresh", "sent"]);
      expect(await ids("files_to_remove")).toEqual(["stale"]);
    });
  });

  describe("webhook events", () => {
    it("go a week after they ended; those that wait stay", async () => {
      await database.db
        .insertInto("webhook_endpoints")
        .values({
          id: "e",
          url: "https://a.cn",
          sealed_secret: "plain:s",
          events: "[]",
          created_at: now.toISOString(),
        })
        .execute();
      const event = (id: string, state: "queued" | "sent" | "failed", ended?: Date) => ({
        id,
        endpoint_id: "e",
        type: "conversation.opened",
        body: jsonText({}),
        state,
        created_at: daysAgo(60).toISOString(),
        ended_at: ended?.toISOString() ?? null,
      });
      await database.db
        .insertInto("webhook_events")
        .values([
          event("sent-8", "sent", daysAgo(8)),
          event("failed-8", "failed", daysAgo(8)),
          event("sent-6", "sent", daysAgo(6)),
          event("waiting", "queued"),
        ])
        .execute();
      expect(await deleteExpired(database.db, retention)).toMatchObject({ webhookEvents: 2 });
      expect(await ids("webhook_events")).toEqual(["sent-6", "waiting"]);
    });
  });

  describe("files of what was deleted", () => {
    class RecordingFiles implements FileStore {
      readonly removed: string[][] = [];
      failing = false;

      save(): never {
        throw new Error("Nothing is saved here.");
      }

      open(): never {
        throw new Error("Nothing is opened here.");
      }

      async remove(names: readonly string[]): Promise<void> {
        if (this.failing) throw new Error("The bucket does not answer.");
        this.removed.push([...names]);
      }
    }

    const note = (id: string, since: Date) =>
      database.db.insertInto("files_to_remove").values({ id, since: since.toISOString() }).execute();

    it("are removed at once, and once more until nobody can be fetching them any longer", async () => {
      const files = new RecordingFiles();
      await note("just-now", now);
      await note("three-hours-ago", daysAgo(3 / 24));
      expect(await removeFiles(database.db, files, now)).toBe(1);
      expect(files.removed).toEqual([["just-now", "three-hours-ago"]]);
      expect(await ids("files_to_remove")).toEqual(["just-now"]);
      expect(await removeFiles(database.db, files, new Date(now.getTime() + 3 * 60 * 60 * 1000))).toBe(1);
      expect(files.removed.at(-1)).toEqual(["just-now"]);
      expect(await ids("files_to_remove")).toEqual([]);
    });

    it("stay noted while the file store is away", async () => {
      const files = new RecordingFiles();
      files.failing = true;
      await note("photo", daysAgo(1));
      await expect(removeFiles(database.db, files, now)).rejects.toThrow("The bucket does not answer.");
      expect(await ids("files_to_remove")).toEqual(["photo"]);
      files.failing = false;
      expect(await removeFiles(database.db, files, now)).toBe(1);
    });

    it("go in any number, a batch at a time", async () => {
      const files = new RecordingFiles();
      const many = Array.from({ length: 450 }, (_, number) => ({
        id: `f${String(number).padStart(3, "0")}`,
        since: daysAgo(1).toISOString(),
      }));
      await database.db.insertInto("files_to_remove").values(many).execute();
      expect(await removeFiles(database.db, files, now)).toBe(450);
      expect(files.removed.map((batch) => batch.length)).toEqual([200, 200, 50]);
    });

    it("an address that waits for its receipt is no business of the retention", async () => {
      await insertConversation(database.db, "c", { at: daysAgo(1) });
      await insertAddress(database.db, "c", { channel: "telegram", key: "7001", at: daysAgo(1) });
      await deleteExpired(database.db, retention);
      expect(await filledTables(database.db)).toMatchObject({ addresses: 1 });
    });
  });
});
