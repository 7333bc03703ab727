import { describe, expect, it } from "vitest";
import { turnOver } from "../../unit/conversation/turn-over.ts";
import { askedIn, patience, type Stage } from "./stage.ts";

/** Where others read along: answers only when it is spoken to, and never a personal matter. */
export function groupCases({ subject, play }: Stage): void {
  describe("a group", () => {
    it("is declared where the platform has one", async () => {
      const { driver } = await play(turnOver("finds").turn);
      expect(driver.groupWrite !== undefined).toBe(subject.can.groups);
    });

    it.skipIf(!subject.can.groups)("is answered only where the assistant is spoken to", async () => {
      const { driver, site } = await play(turnOver("finds").turn);
      await driver.groupWrite?.("今天中午吃什么", false);
      await driver.groupWrite?.("二倍工资怎么算", true);
      await expect.poll(async () => (await driver.groupSeen?.())?.length, patience).toBeGreaterThan(0);
      expect(askedIn(site)).toEqual(["二倍工资怎么算"]);
      const said = (await driver.groupSeen?.())?.join("\n") ?? "";
      expect(said).toContain("[1]");
      expect(said).not.toContain("先跟您说清楚");
      expect(site.turns[0]?.conversation.surface).toBe("group");
      expect(await driver.seen()).toEqual([]);
    });

    it.skipIf(!subject.can.groups).each([
      ["我公司没签合同，欠我8000块，能要多少", /单独给我发消息/u],
      ["人工", /单独给我发“人工”/u],
      ["删除我的信息", /删除要单独办/u],
      ["老板不给钱，我不想活了", /12356[\s\S]*单独给我发消息/u],
    ])("never speaks of a personal matter: %s", async (text, line) => {
      const { driver, site } = await play(turnOver("finds").turn);
      await driver.groupWrite?.(text, true);
      await expect.poll(async () => (await driver.groupSeen?.())?.join("\n"), patience).toMatch(line);
      const requests = await site.database.db.selectFrom("hand_over_requests").select("id").execute();
      expect(requests).toEqual([]);
      expect((await driver.groupSeen?.())?.join()).not.toMatch(/8000|\[1\]/u);
    });

    it.skipIf(!subject.can.groups)("and a private chat are two conversations", async () => {
      const { driver, site } = await play(turnOver("finds").turn);
      await driver.groupWrite?.("二倍工资怎么算", true);
      await expect.poll(async () => (await driver.groupSeen?.())?.length, patience).toBeGreaterThan(0);
      await driver.write("我公司没签合同");
      await expect.poll(async () => (await driver.seen()).length, patience).toBeGreaterThan(0);
      const [inGroup, alone] = site.turns;
      expect(alone?.conversation.surface).toBe("private");
      expect(alone?.conversation.contactId).not.toBe(inGroup?.conversation.contactId);
      expect(alone?.history).toEqual([]);
    });
  });
}
