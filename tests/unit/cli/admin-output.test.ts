import { describe, expect, it } from "vitest";
import {
  deliveryNames,
  printChannels,
  printDoors,
  printedLines,
  printLedger,
  printLinks,
  printSetAside,
} from "../../../src/cli/admin-output.ts";
import { deliveryStates } from "../../../src/messaging/delivery.ts";

const door = {
  code: "K7PM3XQA",
  district: "渝中区",
  label: "一号海报",
  createdAt: "2026-11-21T02:00:00.000Z",
};

describe("what an admin reads", () => {
  it("shows a door with an address and a code for each channel, or what is missing", () => {
    const text = printLinks(
      {
        door,
        links: [
          { channel: "web", address: "https://a.cn/?from=K7PM3XQA" },
          { channel: "telegram", hint: "不知道机器人的名字" },
        ],
      },
      (address) => `[${address}]`,
    );
    expect(text).toBe(
      "入口 K7PM3XQA　渝中区 · 一号海报\n\n网页：https://a.cn/?from=K7PM3XQA\n\n[https://a.cn/?from=K7PM3XQA]\n\nTelegram：不知道机器人的名字\n",
    );
    expect(printedLines(door, "wechat")).toEqual([
      "用微信扫一扫，找工会娘家人",
      "渝中区 · 一号海报",
      "K7PM3XQA",
    ]);
  });

  it("shows doors with the time in China", () => {
    expect(printDoors([{ ...door, conversations: 12 }])).toBe(
      "K7PM3XQA\t12 个对话\t2026-11-21 10:00:00\t渝中区 · 一号海报\n共 1 个入口\n",
    );
  });

  it("shows every channel's state with its reason, since when, and what waits", () => {
    const text = printChannels({
      running: true,
      channels: [
        { channel: "telegram", state: "down", reason: "no answer", since: door.createdAt, waiting: 0 },
        { channel: "web", state: "ready", since: door.createdAt, waiting: 2, oldest: door.createdAt },
        { channel: "wechat", waiting: 0 },
      ],
    });
    expect(text.split("\n")).toEqual([
      "Telegram\t连不上（no answer）\t2026-11-21 10:00:00 起\t没有消息在等",
      "网页\t正常\t2026-11-21 10:00:00 起\t2 条在等，最早 2026-11-21 10:00:00",
      "微信\t没有记录\t没有消息在等",
      "",
    ]);
    expect(printChannels({ running: false, channels: [] })).toContain("服务没有在这里运行");
  });

  it("keeps a message that was set aside on one line, whatever it says", () => {
    const message = {
      id: "m1",
      conversationId: "c1",
      channel: "web",
      at: door.createdAt,
      reason: "turn_failed",
    };
    const text = printSetAside({ total: 3, messages: [{ ...message, text: "第一行\n第二行\t\u001b" }] });
    expect(text).toBe(
      "m1\t网页\t2026-11-21 10:00:00\tturn_failed\t第一行 第二行\n共 3 条，这里是最近 1 条\n",
    );
    expect(printSetAside({ total: 0, messages: [] })).toBe("没有答复不了的来信\n");
  });

  it("has a word for every state of the ledger", () => {
    for (const state of deliveryStates) expect(deliveryNames[state]).toMatch(/\p{Script=Han}/u);
    const entry = {
      messageId: "m1",
      conversationId: "c1",
      channel: "telegram",
      attempts: 2,
      queuedAt: door.createdAt,
    };
    const text = printLedger({
      counts: [{ channel: "telegram", state: "failed", count: 1, oldest: door.createdAt }],
      entries: [{ ...entry, state: "failed", reason: "blocked", repeated: true }],
    });
    expect(text).toBe(
      "Telegram\t没发成\t1 条\n\nm1\tTelegram\t没发成（blocked）\t2026-11-21 10:00:00\t试了 2 次，有重复\t对话 c1\n",
    );
  });
});
