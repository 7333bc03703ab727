import { describe, expect, it } from "vitest";
import { eventually, pollingChannel } from "./started-channel.ts";

describe("what people do", () => {
  it("becomes events in their order: door, text, edit, button, block, unblock", async () => {
    const { api, inbox } = await pollingChannel();
    const person = api.newPerson();
    person.opensLink("yuzhong-7");
    const asked = person.sends("拖欠工资三个月");
    person.edits(asked.message_id, "拖欠工资四个月");
    person.blocks();
    person.unblocks();
    await eventually(() => expect(inbox.stored.length).toBe(5));
    const id = `${api.bot.id}:${asked.message_id}`;
    expect(inbox.stored).toMatchObject([
      { type: "message", text: "/start", origin: "yuzhong-7" },
      { type: "message", text: "拖欠工资三个月", externalId: id },
      { type: "edited", text: "拖欠工资四个月", externalId: id },
      { type: "blocked" },
      { type: "unblocked" },
    ]);
    expect(new Set(inbox.stored.map(({ address }) => address.key))).toEqual(new Set([String(person.chatId)]));
  });

  it("in a group is heard only where the bot is addressed, and each member is a contact", async () => {
    const { api, inbox } = await pollingChannel();
    const [zhang, li] = [api.newPerson().user, api.newPerson().user];
    const group = api.newGroup({ type: "group" });
    group.says(zhang, "今天发工资吗");
    group.says(zhang, "@niangjia_bot 加班费怎么算");
    group.says(li, "/help@niangjia_bot");
    group.says(li, "/help@other_bot");
    group.says(li, "我也想知道");
    await eventually(() => expect(inbox.stored.length).toBe(2));
    expect(inbox.stored).toMatchObject([
      { text: "加班费怎么算", address: { key: `${group.chatId}:${zhang.id}`, surface: "group" } },
      { text: "/help", address: { key: `${group.chatId}:${li.id}`, surface: "group" } },
    ]);
    await eventually(() => expect(api.pending).toEqual([]));
    expect(inbox.stored.length).toBe(2);
  });

  it("a thousand messages of one contact in one moment are all handed in, once, in order", async () => {
    const { api, inbox } = await pollingChannel();
    const person = api.newPerson();
    const texts = Array.from({ length: 1_000 }, (_, index) => `第${index}条`);
    for (const text of texts) person.sends(text);
    await eventually(() => expect(inbox.stored.length).toBe(1_000));
    expect(inbox.texts).toEqual(texts);
    expect(inbox.duplicates).toBe(0);
  });
});
