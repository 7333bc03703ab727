import { describe, expect, it } from "vitest";
import { turnOver } from "../../unit/conversation/turn-over.ts";
import { says, storedMessages } from "./site.ts";
import { patience, type Stage, textsOf } from "./stage.ts";

/** Notice, commands, forgetting and the sign of typing. */
export function mannerCases({ subject, play }: Stage): void {
  const { can, showsNotice } = subject;
  const first = showsNotice ? 2 : 1;
  const realTurn = () => turnOver("finds").turn;

  describe("the notice", () => {
    it(showsNotice ? "stands before the first reply, once" : "is left to the page", async () => {
      const { driver, seen } = await play(realTurn());
      await driver.write("你好");
      await seen(first);
      await driver.write("二倍工资怎么算");
      const texts = textsOf(await seen(first + 1));
      const notices = texts.filter((text) => text.includes("先跟您说清楚"));
      expect(notices).toHaveLength(showsNotice ? 1 : 0);
      expect(texts.indexOf(notices[0] ?? "")).toBe(showsNotice ? 0 : -1);
    });
  });

  describe("a command", () => {
    it.each([
      ["/start", "您好，我是重庆市总工会"],
      ["/help", "您可以这样用"],
      ["帮助", "您可以这样用"],
      ["/human", "请求我已经记下了"],
      ["人工", "请求我已经记下了"],
      ["转人工", "请求我已经记下了"],
      ["/forget", "您的信息已经删掉了"],
      ["删除我的信息", "您的信息已经删掉了"],
    ])("%s is understood", async (command, line) => {
      const { driver } = await play(realTurn());
      await driver.write(command);
      const all = async () => textsOf(await driver.seen()).join("\n");
      await expect.poll(all, patience).toContain(line);
    });

    it("for a person is recorded with its reason", async () => {
      const { driver, site, seen } = await play(realTurn());
      await driver.write("人工");
      await seen(first);
      const requests = await site.database.db.selectFrom("hand_over_requests").select("reasons").execute();
      expect(requests).toEqual([{ reasons: ["person_asked"] }]);
    });
  });

  describe("forgetting", () => {
    it("leaves nothing of the contact, hands the receipt over, and begins anew", async () => {
      const { driver, site, seen } = await play(realTurn());
      await driver.write("我叫王小明，公司没签合同怎么办");
      await seen(first);
      await driver.write("删除我的信息");
      const all = async () => textsOf(await driver.seen()).join("\n");
      await expect.poll(all, patience).toContain("从头开始");
      expect(JSON.stringify(await storedMessages(site))).not.toContain("王小明");
      if (site.channel.sender !== undefined) {
        const addresses = async () =>
          (await site.database.db.selectFrom("addresses").select("key_hash").execute()).length;
        await expect.poll(addresses, patience).toBe(0);
      }
      await driver.write("你好");
      await expect.poll(() => site.turns.length, patience).toBe(3);
      expect(site.turns[2]?.history.filter(({ sender }) => sender === "contact")).toEqual([]);
      expect(site.turns[2]?.conversation.noticeGiven).toBe(false);
      expect(site.turns[2]?.conversation.contactId).not.toBe(site.turns[0]?.conversation.contactId);
    });

    it(`asks first where a request stands open, and takes ${can.quickReplies} for an answer`, async () => {
      const { driver, site, seen } = await play(realTurn());
      await driver.write("人工");
      await seen(first);
      await driver.write("删除我的信息");
      const asked = (await seen(first + 1)).at(-1);
      expect(asked?.text).toContain("求助请求还没办完");
      expect((await storedMessages(site)).length).toBeGreaterThan(2);
      if (can.quickReplies === "buttons") await driver.press?.("确认删除");
      else await driver.write("1");
      const all = async () => textsOf(await driver.seen()).join("\n");
      await expect.poll(all, patience).toContain("您的信息已经删掉了");
      const requests = await site.database.db.selectFrom("hand_over_requests").select("id").execute();
      expect(requests).toEqual([]);
    });

    it("is called off by saying so", async () => {
      const { driver, site, seen } = await play(realTurn());
      await driver.write("人工");
      await seen(first);
      await driver.write("/forget");
      await seen(first + 1);
      await driver.write("先不删");
      expect(textsOf(await seen(first + 2)).at(-1)).toContain("什么都没有删");
      expect((await storedMessages(site)).filter(({ sender }) => sender === "contact")).toHaveLength(3);
    });
  });

  describe("typing", () => {
    it(
      can.typing ? "is shown while a reply is made" : "is not shown where the platform has no sign",
      async () => {
        const { promise: gate, resolve: open } = Promise.withResolvers<void>();
        const { driver, seen } = await play(async () => {
          await gate;
          return says("久等了");
        });
        await driver.write("在吗");
        if (can.typing) await expect.poll(() => driver.typingSeen?.(), patience).toBeGreaterThan(0);
        open();
        await seen(1);
        expect(driver.typingSeen !== undefined).toBe(can.typing);
      },
    );
  });

  describe("a preview", () => {
    it(can.previews ? "is shown while the reply is made" : "is shown nowhere", async () => {
      const { promise: gate, resolve: open } = Promise.withResolvers<void>();
      const { driver, seen } = await play(async (_input, _signal, progress) => {
        progress.preview("工资应当按月");
        await gate;
        return says("工资应当按月支付。");
      });
      await driver.write("在吗");
      if (can.previews)
        await expect
          .poll(async () => (await driver.previewsSeen?.())?.join(), patience)
          .toContain("工资应当按月");
      open();
      expect(textsOf(await seen(1))).toHaveLength(1);
      expect(textsOf(await driver.seen())[0]).toContain("工资应当按月支付。");
      expect(driver.previewsSeen !== undefined).toBe(can.previews);
    });
  });
}
