import { beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../../src/storage/database.ts";
import { SqlDoorStore } from "../../../src/storage/door-store.ts";
import { forEachDatabase } from "../../support/databases.ts";

forEachDatabase((_name, open) => {
  let database: Database;
  let doors: SqlDoorStore;
  let minute: number;

  beforeEach(async () => {
    database = await open();
    minute = 0;
    doors = new SqlDoorStore({
      db: database.db,
      now: () => new Date(Date.UTC(2026, 10, 21, 2, minute++)),
    });
  });

  async function openConversation(id: string, origin: string | null): Promise<void> {
    const created_at = "2026-11-21T03:00:00.000Z";
    await database.db.insertInto("contacts").values({ id, created_at }).execute();
    await database.db
      .insertInto("conversations")
      .values({ id, contact_id: id, channel: "web", created_at, origin })
      .execute();
  }

  describe("doors", () => {
    it("are stored with what they tell, and found by their code", async () => {
      const door = { code: "K7PM3XQA", district: "渝中区", station: "解放碑驿站", label: "一号海报" };
      const stored = { ...door, createdAt: "2026-11-21T02:00:00.000Z" };
      expect(await doors.add(door)).toEqual(stored);
      expect(await doors.find("K7PM3XQA")).toEqual(stored);
      expect(await doors.find("K7PM3XQ4")).toBeUndefined();
    });

    it("with a code that is taken are not stored, and the first stays as it was", async () => {
      await doors.add({ code: "K7PM3XQA", label: "一" });
      expect(await doors.add({ code: "K7PM3XQA", label: "二" })).toBeUndefined();
      expect(await doors.find("K7PM3XQA")).toMatchObject({ label: "一" });
    });

    it("of several writers at once one gets the code", async () => {
      const made = await Promise.all(
        ["一", "二", "三"].map((label) => doors.add({ code: "K7PM3XQA", label })),
      );
      expect(made.filter((door) => door !== undefined)).toHaveLength(1);
    });

    it("are listed with the newest first and how many came through each", async () => {
      for (const code of ["AAAAAAAA", "CCCCCCCC", "DDDDDDDD"]) await doors.add({ code, district: "渝北区" });
      await openConversation("c1", "CCCCCCCC");
      await openConversation("c2", "CCCCCCCC");
      await openConversation("c3", "AAAAAAAA");
      await openConversation("c4", null);
      await openConversation("c5", "UNKNOWN");
      const listed = await doors.list(2);
      expect(listed.map(({ code, conversations }) => [code, conversations])).toEqual([
        ["DDDDDDDD", 0],
        ["CCCCCCCC", 2],
      ]);
    });
  });
});
