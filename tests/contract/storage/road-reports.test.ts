import { beforeEach, describe, expect, it } from "vitest";
import type { DeliveryState } from "../../../src/messaging/delivery.ts";
import type { Database } from "../../../src/storage/database.ts";
import { SqlEventLog } from "../../../src/storage/event-log.ts";
import { SqlRoadReports } from "../../../src/storage/road-reports.ts";
import { forEachDatabase } from "../../support/databases.ts";

const at = (minute: number) => new Date(Date.UTC(2026, 10, 21, 2, minute)).toISOString();

forEachDatabase((_name, open) => {
  let database: Database;
  let reports: SqlRoadReports;

  beforeEach(async () => {
    database = await open();
    reports = new SqlRoadReports({ db: database.db });
    for (const channel of ["telegram", "web"]) {
      const id = `${channel}-contact`;
      await database.db
        .insertInto("contacts")
        .values({ id, created_at: at(0) })
        .execute();
      await database.db
        .insertInto("conversations")
        .values({ id: channel, contact_id: id, channel, created_at: at(0) })
        .execute();
    }
  });

  async function insertMessage(id: string, channel: string, minute: number, setAside: string | null = null) {
    const row = await database.db
      .insertInto("messages")
      .values({
        id,
        conversation_id: channel,
        sender: setAside === null ? "bot" : "contact",
        text: `text of ${id}`,
        created_at: at(minute),
        set_aside: setAside,
      })
      .returning("seq")
      .executeTakeFirstOrThrow();
    return Number(row.seq);
  }

  async function deliver(id: string, channel: string, minute: number, state: DeliveryState, reason?: string) {
    const seq = await insertMessage(id, channel, minute);
    const isOver = state !== "queued" && state !== "sending";
    await database.db
      .insertInto("deliveries")
      .values({
        message_id: id,
        conversation_id: channel,
        channel,
        seq,
        state,
        reason: reason ?? null,
        attempts: 3,
        repeated: state === "unknown",
        queued_at: at(minute),
        ended_at: isOver ? at(minute + 1) : null,
      })
      .execute();
  }

  describe("messages that could not be answered", () => {
    it("are listed with the newest first, without their words unless asked for", async () => {
      await insertMessage("m1", "telegram", 1, "turn_failed");
      await insertMessage("m2", "web", 2, "too_long");
      await insertMessage("m3", "web", 3);
      expect(await reports.setAside({ limit: 10, withText: false })).toEqual({
        total: 2,
        messages: [
          { id: "m2", conversationId: "web", channel: "web", at: at(2), reason: "too_long" },
          { id: "m1", conversationId: "telegram", channel: "telegram", at: at(1), reason: "turn_failed" },
        ],
      });
      const { total, messages } = await reports.setAside({ limit: 1, withText: true });
      expect([total, messages.map(({ text }) => text)]).toEqual([2, ["text of m2"]]);
    });
  });

  describe("the ledger", () => {
    beforeEach(async () => {
      await deliver("d1", "telegram", 1, "sent");
      await deliver("d2", "telegram", 2, "failed", "chat not found");
      await deliver("d3", "telegram", 3, "queued");
      await deliver("d4", "telegram", 4, "sending");
      await deliver("d5", "web", 5, "unknown", "no_answer");
    });

    it("is counted by channel and state, with the oldest of each", async () => {
      await deliver("d6", "telegram", 6, "sent");
      expect(await reports.ledgerCounts()).toEqual([
        { channel: "telegram", state: "failed", count: 1, oldest: at(2) },
        { channel: "telegram", state: "queued", count: 1, oldest: at(3) },
        { channel: "telegram", state: "sending", count: 1, oldest: at(4) },
        { channel: "telegram", state: "sent", count: 2, oldest: at(1) },
        { channel: "web", state: "unknown", count: 1, oldest: at(5) },
      ]);
    });

    it("says what waits on each channel, and since when", async () => {
      expect(await reports.waiting()).toEqual([{ channel: "telegram", count: 2, oldest: at(3) }]);
    });

    it("shows its newest entries, of one state or channel where asked, and nobody's words", async () => {
      const ids = async (query: Parameters<SqlRoadReports["ledgerEntries"]>[0]) =>
        (await reports.ledgerEntries(query)).map(({ messageId }) => messageId);
      expect(await ids({ limit: 3 })).toEqual(["d5", "d4", "d3"]);
      expect(await ids({ limit: 9, channel: "web" })).toEqual(["d5"]);
      expect(await ids({ limit: 9, channel: "web", state: "failed" })).toEqual([]);
      expect(await reports.ledgerEntries({ limit: 9, state: "failed" })).toEqual([
        {
          messageId: "d2",
          conversationId: "telegram",
          channel: "telegram",
          state: "failed",
          reason: "chat not found",
          attempts: 3,
          repeated: false,
          queuedAt: at(2),
          endedAt: at(3),
        },
      ]);
      expect(JSON.stringify(await reports.ledgerEntries({ limit: 9 }))).not.toContain("text of");
    });
  });

  describe("the event log", () => {
    it("knows the last event of some types for each channel", async () => {
      let minute = 0;
      const events = new SqlEventLog({ db: database.db, now: () => new Date(at(minute++)) });
      await events.add("channel.down", { channel: "telegram", details: { reason: "no answer" } });
      await events.add("channel.down", { channel: "wechat" });
      await events.add("channel.back", { channel: "telegram" });
      await events.add("forgotten", { channel: "telegram" });
      await events.add("channel.down");
      expect(await events.lastByChannel(["channel.down", "channel.back"])).toEqual([
        { type: "channel.back", channel: "telegram", details: {}, at: at(2) },
        { type: "channel.down", channel: "wechat", details: {}, at: at(1) },
      ]);
      expect(await events.lastByChannel([])).toEqual([]);
    });
  });
});
