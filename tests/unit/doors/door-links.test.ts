import { describe, expect, it } from "vitest";
import { doorChannels, doorLinks } from "../../../src/doors/door-links.ts";

describe("the links of a door", () => {
  it("lead to the page, the bot and the account", async () => {
    const links = await doorLinks("K7PM3XQA", doorChannels, {
      publicUrl: "https://niangjia.example.cn",
      telegramBot: async () => "niangjia_bot",
      wechatCode: async (code) => `http://weixin.qq.com/q/${code}`,
    });
    expect(links).toEqual([
      { channel: "web", address: "https://niangjia.example.cn/?from=K7PM3XQA" },
      { channel: "telegram", address: "https://t.me/niangjia_bot?start=K7PM3XQA" },
      { channel: "wechat", address: "http://weixin.qq.com/q/K7PM3XQA" },
    ]);
  });

  it("say what to do where an address is not known, also when a platform cannot be asked", async () => {
    const links = await doorLinks("K7PM3XQA", doorChannels, {
      telegramBot: async () => {
        throw new Error("offline");
      },
    });
    for (const link of links) {
      expect(link).not.toHaveProperty("address");
      expect(link.hint).toContain("K7PM3XQA");
    }
  });

  it("are made only for the channels asked for", async () => {
    const links = await doorLinks("K7PM3XQA", ["telegram"], { telegramBot: async () => "b" });
    expect(links.map(({ channel }) => channel)).toEqual(["telegram"]);
  });
});
