import { describe, expect, it } from "vitest";
import { type Script, says, storedMessages } from "./site.ts";
import { patience, type Stage, textsOf } from "./stage.ts";

const echo: Script = ({ messages }) => says(messages.map(({ text }) => `回：${text}`).join("｜"));

/** Stops, faults and what a channel says of itself. */
export function hardshipCases({ subject, play }: Stage): void {
  describe("a stop", () => {
    it("in the middle of a turn loses nothing and answers once", async () => {
      const game = await play(async (_input, signal) => {
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
        return says("不会说出来");
      });
      await game.driver.write("工资没发");
      await expect.poll(() => game.site.turns.length, patience).toBe(1);
      await game.restart(echo);
      expect(textsOf(await game.seen(1)).join()).toContain("回：工资没发");
      await game.settled();
      expect(await game.driver.seen()).toHaveLength(1);
    });

    it("between two messages keeps both conversations and order", async () => {
      const game = await play(echo);
      await game.driver.write("一");
      await game.seen(1);
      await game.settled();
      await game.restart(echo);
      await game.driver.write("二");
      await game.seen(2);
      await game.settled();
      const texts = (await storedMessages(game.site)).map(({ text }) => text);
      expect(texts).toEqual(["一", "回：一", "二", "回：二"]);
      expect(textsOf(await game.driver.seen()).map((text) => text.slice(-1))).toEqual(["一", "二"]);
      expect(game.site.turns[0]?.history.map(({ text }) => text)).toEqual(["一", "回：一"]);
    });
  });

  describe("the ledger", () => {
    it(`sends what may have arrived ${subject.can.confirms ? "no second time" : "once more, marked as a repeat"}`, async () => {
      const { driver, site, seen, settled } = await play(echo);
      await driver.write("在吗");
      const [first] = textsOf(await seen(1));
      await settled();
      // As if the process had died before it wrote down what the platform said.
      const { db } = site.database;
      await db.updateTable("deliveries").set({ state: "sending", parts_sent: 0, ended_at: null }).execute();
      const { id } = await db.selectFrom("conversations").select("id").executeTakeFirstOrThrow();
      const { channel, road } = site;
      if (channel.sender !== undefined) await road.lanes.arm(`send:${channel.name}`, id, 0);
      road.wakeOutbox(channel.name);
      await settled();
      const texts = textsOf(await driver.seen());
      expect(texts).toHaveLength(subject.can.confirms ? 1 : 2);
      for (const again of texts.slice(1)) {
        expect(again).toContain("回：在吗");
        expect(again).not.toBe(first);
      }
    });

    it("keeps what is said while the channel is down, and says that it is late", async () => {
      const game = await play(echo);
      await game.driver.write("在吗");
      await game.seen(1);
      await game.settled();
      const { road, database, channel } = game.site;
      await game.site.stop();
      const { id } = await database.db.selectFrom("conversations").select("id").executeTakeFirstOrThrow();
      await road.conversations.post(id, [{ sender: "bot", text: "给您补一句" }]);
      const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
      await database.db
        .updateTable("deliveries")
        .set({ queued_at: hourAgo })
        .where("state", "=", "queued")
        .execute();
      await game.restart(echo);
      const [, late = ""] = textsOf(await game.seen(2));
      await game.settled();
      expect(late).toContain("给您补一句");
      // A page shows the time of each message by itself.
      if (channel.sender !== undefined) expect(late).toMatch(/迟|晚/u);
      expect(await game.driver.seen()).toHaveLength(2);
    });
  });

  describe("a turn that fails", () => {
    it("again and again ends in an apology, and the next message is answered", async () => {
      const { driver, seen, settled } = await play((input, ...rest) => {
        if (input.messages.some(({ text }) => text === "毒")) throw new Error("broken");
        return echo(input, ...rest);
      });
      await driver.write("毒");
      expect(textsOf(await seen(1)).join()).toContain("抱歉");
      await driver.write("在吗");
      expect(textsOf(await seen(2)).at(-1)).toContain("回：在吗");
      await settled();
      expect(await driver.seen()).toHaveLength(2);
    });
  });

  describe("the channel", () => {
    it("declares what it can", async () => {
      const { site } = await play(echo);
      expect(site.channel.capabilities).toEqual(subject.can);
    });

    it("tells how it is, before, while and after it runs", async () => {
      const { site } = await play(echo);
      expect(site.channel.health().state).toBe("ready");
      await site.channel.stop();
      expect(site.channel.health().state).not.toBe("ready");
    });

    it("may be stopped twice", async () => {
      const { site } = await play(echo);
      await site.channel.stop();
      await expect(site.channel.stop()).resolves.toBeUndefined();
    });
  });
}
