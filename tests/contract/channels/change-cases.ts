import { describe, expect, it } from "vitest";
import { type Script, says, storedMessages } from "./site.ts";
import { askedIn, patience, type Stage, textsOf } from "./stage.ts";

const echo: Script = ({ messages }) => says(messages.map(({ text }) => `回：${text}`).join("｜"));

/** What changes afterwards: edits, deletions, a contact who blocks. */
export function changeCases({ subject, play }: Stage): void {
  const { can } = subject;

  describe("a change", () => {
    it("is declared where the platform tells of it", async () => {
      const { driver } = await play(echo);
      expect({ edits: driver.edit !== undefined, deletions: driver.delete !== undefined }).toEqual({
        edits: can.edits,
        deletions: can.deletions,
      });
    });

    it.skipIf(!can.edits)("of a message that waits is what is answered", async () => {
      const { driver, site, seen, settled } = await play(echo, { burstMs: 1_500 });
      const first = await driver.write("工资没发三个");
      await driver.edit?.(first, "工资没发三个月");
      await seen(1);
      await settled();
      expect(askedIn(site)).toEqual(["工资没发三个月"]);
    });

    it.skipIf(!can.edits)("of a message that was answered is a new one", async () => {
      const { driver, site, seen } = await play(echo);
      const first = await driver.write("工资没发三个");
      await seen(1);
      await driver.edit?.(first, "工资没发四个月");
      await seen(2);
      expect(askedIn(site)).toEqual(["工资没发三个", "工资没发四个月"]);
    });

    it.skipIf(!can.deletions)(
      "that takes a message back before its answer leaves nothing to answer",
      async () => {
        const { driver, site, settled } = await play(echo, { burstMs: 1_500 });
        const first = await driver.write("老板叫王大海");
        await driver.delete?.(first);
        await driver.write("算了");
        await expect.poll(() => askedIn(site).at(-1), patience).toBe("算了");
        await settled();
        expect(askedIn(site).join()).not.toContain("王大海");
        expect(JSON.stringify(await storedMessages(site))).not.toContain("王大海");
      },
    );

    it.skipIf(!can.deletions)("that takes an answered message back takes its text away", async () => {
      const { driver, site, seen } = await play(() => says("好的"));
      const first = await driver.write("老板叫王大海");
      await seen(1);
      await driver.delete?.(first);
      await expect
        .poll(async () => JSON.stringify(await storedMessages(site)), patience)
        .not.toContain("王大海");
    });
  });

  describe("a contact who blocks", () => {
    it("gets nothing more, and is answered again after they write again", async ({ skip }) => {
      const { driver, site, seen } = await play(echo);
      const { block } = driver;
      if (block === undefined) return skip("the platform has no block");
      await driver.write("在吗");
      await seen(1);
      await block();
      const [conversation] = await site.database.db.selectFrom("conversations").select("id").execute();
      const unreachable = async () =>
        (await site.database.db.selectFrom("conversations").select("unreachable").executeTakeFirst())
          ?.unreachable ?? undefined;
      await expect.poll(unreachable, patience).toBeDefined();
      await site.road.conversations.post(conversation?.id ?? "", [{ sender: "system", text: "通知" }]);
      const states = async () =>
        (await site.database.db.selectFrom("deliveries").select("state").orderBy("seq").execute()).map(
          ({ state }) => state,
        );
      await expect.poll(states, patience).toEqual(["sent", "dropped"]);
      await driver.unblock?.();
      await driver.write("我回来了");
      const texts = textsOf(await seen(2)).join("\n");
      expect(texts).toContain("回：我回来了");
      expect(texts).not.toContain("通知");
    });
  });
}
