import { describe, expect, it } from "vitest";
import { createTelegramAlert } from "../../../src/channels/telegram/alert.ts";
import type { ChannelSender, SendMarks } from "../../../src/messaging/delivery.ts";
import type { StoredMessage } from "../../../src/messaging/message.ts";
import type { PlatformAddress } from "../../../src/messaging/platform-event.ts";
import type { Fault } from "../../support/bot-api/faults.ts";
import type { BotApi, BotApiOptions } from "../../support/bot-api/start-bot-api.ts";
import { botApi, channelOn, eventually, pollingChannel } from "./started-channel.ts";

const plain: SendMarks = { repeat: false, late: false };
const never = new AbortController().signal;
const reply = (text: string, more: Partial<StoredMessage> = {}): StoredMessage => ({
  id: "m",
  conversationId: "c",
  seq: 1,
  sender: "bot",
  text,
  createdAt: "2026-11-21T00:00:00Z",
  ...more,
});
const toPrivate = (chatId: number): PlatformAddress => ({
  key: String(chatId),
  surface: "private",
  data: { chatId },
});

async function senderOn(options: BotApiOptions = {}): Promise<{ api: BotApi; sender: ChannelSender }> {
  const api = await botApi(options);
  const { channel } = channelOn(api);
  if (channel.sender === undefined) throw new Error("Telegram has a sender.");
  return { api, sender: channel.sender };
}

/** Sends all parts, as the outbox does. */
async function sendAll(
  sender: ChannelSender,
  address: PlatformAddress,
  message: StoredMessage,
  marks = plain,
) {
  const outcomes = [];
  for (const part of sender.partsOf(message)) outcomes.push(await sender.send(address, part, marks, never));
  return outcomes;
}

/** A person who wrote to the bot. */
function knownPerson(api: BotApi) {
  const person = api.newPerson();
  person.sends("你好");
  return person;
}

describe("a reply", () => {
  it("arrives as it was written, and its number comes back", async () => {
    const { api, sender } = await senderOn();
    const person = knownPerson(api);
    const text = '工资 < 最低标准 & "试用期"，<b>不要</b>签字！\n第二行';
    const [outcome] = await sendAll(sender, toPrivate(person.chatId), reply(text));
    expect(person.texts).toEqual([text]);
    expect(outcome).toEqual({ state: "sent", platformId: String(person.sent[0]?.messageId) });
    expect(person.sent[0]?.entities).toEqual([]);
  });

  it("that is long arrives whole, in order, in parts that Telegram takes", async () => {
    const { api, sender } = await senderOn();
    const person = knownPerson(api);
    const text = Array.from({ length: 900 }, (_, index) => `第${index}句：<拖欠>工资可以投诉。`).join("");
    const outcomes = await sendAll(sender, toPrivate(person.chatId), reply(text));
    expect(outcomes.every(({ state }) => state === "sent")).toBe(true);
    expect(person.texts.join("")).toBe(text);
    expect(person.texts.length).toBeGreaterThan(3);
  });

  it.each([
    ["again", { repeat: true, late: false }, "已经给您算好了。", /^（重发）.*\n已经给您算好了。$/],
    ["late", { repeat: false, late: true }, "已经给您算好了。", /^（迟到的回复）.*\n已经给您算好了。$/],
    ["again in English", { repeat: true, late: false }, "Here it is.", /^\(Sent again\).*\nHere it is\.$/],
  ])("that goes out %s says so", async (_name, marks, text, expected) => {
    const { api, sender } = await senderOn();
    const person = knownPerson(api);
    await sendAll(sender, toPrivate(person.chatId), reply(text), marks);
    expect(person.texts[0]).toMatch(expected);
  });

  it("with all its marks still fits where every part is full", async () => {
    const { api, sender } = await senderOn();
    const person = knownPerson(api);
    const outcomes = await sendAll(sender, toPrivate(person.chatId), reply("工".repeat(9_000)), {
      repeat: true,
      late: true,
    });
    expect(outcomes.every(({ state }) => state === "sent")).toBe(true);
  });

  it("goes to the topic that it came from, and in a group answers the member's message", async () => {
    const { api, channel, inbox } = await pollingChannel();
    const group = api.newGroup({ forum: true });
    const topic = group.addTopic("工资");
    const member = api.newPerson().user;
    const asked = group.says(member, "@niangjia_bot 加班费怎么算", { threadId: topic });
    await eventually(() => expect(inbox.stored.length).toBe(1));
    const address = inbox.stored[0]?.address;
    if (address === undefined || channel.sender === undefined) throw new Error("no address");
    await sendAll(channel.sender, address, reply("按1.5倍。"));
    expect(group.sent).toMatchObject([{ text: "按1.5倍。", threadId: topic, replyTo: asked.message_id }]);
    expect(channel.sender.limitKey?.(address)).toBe(String(group.chatId));
  });

  it("arrives although the member deleted the question, or the topic is gone", async () => {
    const { api, sender } = await senderOn();
    const group = api.newGroup({ forum: true });
    const data = { chatId: group.chatId, threadId: 99, replyTo: 98 };
    const address: PlatformAddress = { key: "x", surface: "group", data };
    expect(await sendAll(sender, address, reply("在这里。"))).toMatchObject([{ state: "sent" }]);
    expect(group.texts).toEqual(["在这里。"]);
  });

  it("follows a group that became a supergroup, from then on at once", async () => {
    const { api, sender } = await senderOn();
    const group = api.newGroup({ type: "group" });
    const next = api.upgrade(group);
    const address: PlatformAddress = {
      key: "x",
      surface: "group",
      data: { chatId: group.chatId, replyTo: 3 },
    };
    await sendAll(sender, address, reply("一"));
    const calls = api.calls.length;
    await sendAll(sender, address, reply("二"));
    expect(next.texts).toEqual(["一", "二"]);
    expect(api.calls.length).toBe(calls + 1);
  });
});

describe("quick replies", () => {
  it("are buttons; a pressed one is a message with its text, and stops spinning", async () => {
    const { api, channel, inbox } = await pollingChannel();
    const person = knownPerson(api);
    const long = "我在工地上受伤了，老板不承认劳动关系，也没有签合同，想知道怎么申请工伤认定";
    const quickReplies = ["转人工", long];
    if (channel.sender === undefined) throw new Error("no sender");
    await sendAll(channel.sender, toPrivate(person.chatId), reply("您要哪一个？", { quickReplies }));
    const shown = person.sent[0];
    expect(shown?.keyboard?.inline_keyboard.flat().map(({ text }) => text)).toEqual(quickReplies);
    const queries = quickReplies.map((label) => person.presses(shown?.messageId ?? 0, label));
    await eventually(() => expect(inbox.texts).toEqual(["你好", ...quickReplies]));
    await eventually(() => expect(queries.map((id) => person.answerTo(id))).toEqual([{}, {}]));
  });

  it("whose message is too old to be read say so instead of spinning", async () => {
    const { api, inbox } = await pollingChannel();
    const person = knownPerson(api);
    const message = { chat: person.state.chat, message_id: 1, date: 0 as const };
    const query = person.queries({ message, data: "#1" });
    await eventually(() => expect(person.answerTo(query)?.text).toContain("过期"));
    expect(inbox.texts).toEqual(["你好"]);
  });

  it("are answered only after the press is stored", async () => {
    const { api, channel, inbox } = await pollingChannel();
    const person = knownPerson(api);
    if (channel.sender === undefined) throw new Error("no sender");
    await sendAll(channel.sender, toPrivate(person.chatId), reply("？", { quickReplies: ["是"] }));
    await eventually(() => expect(inbox.texts).toEqual(["你好"]));
    let store: () => void = () => {};
    inbox.gate = new Promise((resolve) => {
      store = resolve;
    });
    const query = person.presses(person.sent[0]?.messageId ?? 0, "是");
    await eventually(() => expect(inbox.calls).toBe(2));
    expect(person.answerTo(query)).toBeUndefined();
    store();
    await eventually(() => expect(person.answerTo(query)).toEqual({}));
  });
});

describe("the outcome of a send", () => {
  const outcomeAfter = async (fault: Fault) => {
    const { api, sender } = await senderOn({ holdMs: 5 });
    const person = knownPerson(api);
    api.faults.failNext("sendMessage", fault);
    const [outcome] = await sendAll(sender, toPrivate(person.chatId), reply("工资"));
    return { outcome, texts: person.texts, record: person.sent[0] };
  };

  it("429: not taken, again after what Telegram says", async () => {
    expect(await outcomeAfter({ kind: "tooManyRequests", retryAfter: 3 })).toMatchObject({
      outcome: { state: "retry", afterMs: 3_000, scope: "contact" },
      texts: [],
    });
  });

  it("500: not taken", async () => {
    expect(await outcomeAfter({ kind: "serverError" })).toMatchObject({
      outcome: { state: "retry" },
      texts: [],
    });
  });

  it("a proxy's 502 page: open", async () => {
    const { outcome } = await outcomeAfter({ kind: "page", status: 502, body: "<html>nginx</html>" });
    expect(outcome).toMatchObject({ state: "unknown", reason: expect.stringContaining("502") });
  });

  it.each([true, false])(
    "a connection that is cut without an answer, delivered: %s: open either way",
    async (delivers) => {
      const { outcome, texts, record } = await outcomeAfter({ kind: "timeout", delivers });
      expect(outcome).toMatchObject({ state: "unknown" });
      expect(texts).toEqual(delivers ? ["工资"] : []);
      expect(record?.answered ?? false).toBe(false);
    },
  );

  it("an answer of 200 that nobody can read: open", async () => {
    const { outcome } = await outcomeAfter({ kind: "page", status: 200, body: "<html>" });
    expect(outcome).toMatchObject({ state: "unknown" });
  });

  it("no server at all: not handed over", async () => {
    const { api, sender } = await senderOn();
    const person = knownPerson(api);
    await api.close();
    const [outcome] = await sendAll(sender, toPrivate(person.chatId), reply("工资"));
    expect(outcome).toEqual({ state: "retry", reason: "ECONNREFUSED" });
  });

  it("given up while it waits: open; before it began: not handed over", async () => {
    const { api, sender } = await senderOn({ holdMs: 60_000 });
    const person = knownPerson(api);
    api.faults.failNext("sendMessage", { kind: "timeout", delivers: true });
    const [part] = sender.partsOf(reply("工资"));
    if (part === undefined) throw new Error("no part");
    const stop = new AbortController();
    const sending = sender.send(toPrivate(person.chatId), part, plain, stop.signal);
    await eventually(() => expect(person.texts).toEqual(["工资"]));
    stop.abort();
    expect(await sending).toMatchObject({ state: "unknown" });
    expect(await sender.send(toPrivate(person.chatId), part, plain, stop.signal)).toMatchObject({
      state: "retry",
    });
    expect(person.texts).toEqual(["工资"]);
  });

  it("a blocked bot, a deleted account, a stranger, a group that threw it out: not reachable", async () => {
    const { api, sender } = await senderOn();
    const [blocked, deleted] = [knownPerson(api), knownPerson(api)];
    const [stranger, group, muted] = [api.newPerson(), api.newGroup(), api.newGroup()];
    blocked.blocks();
    api.deactivate(deleted);
    group.removesBot(blocked.user);
    muted.mutesBot();
    for (const { chatId } of [blocked, deleted, stranger, group, muted, { chatId: 424_242 }]) {
      const [outcome] = await sendAll(sender, toPrivate(chatId), reply("工资"));
      expect(outcome).toMatchObject({ state: "unreachable" });
    }
  });

  it("a token that was withdrawn: everything waits", async () => {
    const api = await botApi();
    const { channel } = channelOn({ url: api.url, token: "7000000001:old" });
    if (channel.sender === undefined) throw new Error("no sender");
    const [outcome] = await sendAll(channel.sender, toPrivate(1), reply("工资"));
    expect(outcome).toMatchObject({ state: "retry", scope: "channel" });
  });

  it("entities that Telegram cannot read: the words go out plain, once", async () => {
    const { api, sender } = await senderOn();
    const person = knownPerson(api);
    const part = { text: "<b>工资 &lt; 标准" };
    expect(await sender.send(toPrivate(person.chatId), part, plain, never)).toMatchObject({ state: "sent" });
    expect(person.texts).toEqual(["工资 < 标准"]);
  });

  it("of one chat refused among others that are taken concerns that chat; of all, the bot", async () => {
    const { api, sender } = await senderOn();
    const people = Array.from({ length: 6 }, () => knownPerson(api));
    const scopes = [];
    api.faults.setShares({ tooManyRequests: 1 });
    for (const { chatId } of people) {
      const [outcome] = await sendAll(sender, toPrivate(chatId), reply("工资"));
      scopes.push(outcome?.state === "retry" && outcome.scope);
    }
    expect(scopes).toEqual(["contact", "contact", "contact", "contact", "channel", "channel"]);
  });

  it("never has the token or a person's number in its reason", async () => {
    const { api, sender } = await senderOn();
    const outcomes = await sendAll(sender, toPrivate(424_242), reply("工资"));
    await api.close();
    outcomes.push(...(await sendAll(sender, toPrivate(424_242), reply("工资"))));
    expect(JSON.stringify(outcomes)).not.toMatch(/424242|test-token/);
  });
});

describe("while a reply is made", () => {
  it("typing is shown, also in a topic, and a failure does not matter", async () => {
    const { api, sender } = await senderOn();
    const person = knownPerson(api);
    const group = api.newGroup({ forum: true });
    const topic = group.addTopic("工资");
    await sender.typing?.(toPrivate(person.chatId), never);
    await sender.typing?.(
      { key: "x", surface: "group", data: { chatId: group.chatId, threadId: topic } },
      never,
    );
    await sender.typing?.(toPrivate(424_242), never);
    expect([person.state.actions, group.state.actions]).toEqual([["typing"], ["typing"]]);
  });

  it("drafts of one reply have one number, and come at most once a second", async () => {
    const api = await botApi();
    let ticks = 0;
    const { channel } = channelOn(api, { ticks: () => ticks });
    const person = knownPerson(api);
    const show = (text: string, replyTo = "m1") =>
      channel.sender?.preview?.(toPrivate(person.chatId), replyTo, text, never);
    await show("可以");
    await show("可以解除");
    ticks += 1_000;
    await show("可以解除合同。");
    ticks += 1_000;
    await show("另一个", "m2");
    expect(person.state.drafts.map(({ text }) => text)).toEqual(["可以", "可以解除合同。", "另一个"]);
    const numbers = person.state.drafts.map(({ draftId }) => draftId);
    expect(numbers[0]).toBe(numbers[1]);
    expect(numbers[2]).not.toBe(numbers[1]);
    expect(person.texts).toEqual([]);
  });

  it("drafts are not shown in groups, too long ones show their end, and a failure does not matter", async () => {
    const api = await botApi();
    let ticks = 0;
    const { channel } = channelOn(api, { ticks: () => ticks });
    const person = knownPerson(api);
    const { chatId } = api.newGroup();
    await channel.sender?.preview?.({ key: "x", surface: "group", data: { chatId } }, "m", "x", never);
    await channel.sender?.preview?.(toPrivate(person.chatId), "m", `${"长".repeat(5_000)}完`, never);
    expect(person.state.drafts).toMatchObject([{ text: expect.stringMatching(/^…长+完$/) }]);
    ticks += 1_000;
    api.faults.failNext("sendMessageDraft", { kind: "tooManyRequests", retryAfter: 5 });
    await channel.sender?.preview?.(toPrivate(person.chatId), "m", "二", never);
    ticks += 4_000;
    await channel.sender?.preview?.(toPrivate(person.chatId), "m", "三", never);
    expect(person.state.drafts.length).toBe(1);
    ticks += 1_000;
    await channel.sender?.preview?.(toPrivate(person.chatId), "m", "四", never);
    expect(person.state.drafts.at(-1)?.text).toBe("四");
    expect(api.calls.filter(({ method }) => method === "sendMessageDraft").length).toBe(3);
  });

  it("the reply waits for a draft under way, so that the draft does not come after it", async () => {
    const { api, sender } = await senderOn({ holdMs: 60_000 });
    const person = knownPerson(api);
    api.faults.failNext("sendMessageDraft", { kind: "timeout", delivers: true });
    const drafting = new AbortController();
    const showing = sender.preview?.(toPrivate(person.chatId), "m", "可以", drafting.signal);
    await eventually(() => expect(person.state.drafts.length).toBe(1));
    const sending = sendAll(sender, toPrivate(person.chatId), reply("可以解除合同。"));
    // What was sent before this call would have arrived before it.
    for (let round = 0; round < 3; round++) await sender.typing?.(toPrivate(person.chatId), never);
    expect(person.texts).toEqual([]);
    drafting.abort();
    await Promise.all([showing, sending]);
    expect(person.texts).toEqual(["可以解除合同。"]);
  });
});

describe("an alert", () => {
  it("goes to a chat as plain text", async () => {
    const api = await botApi();
    const group = api.newGroup();
    const alert = createTelegramAlert({ token: api.token, apiRoot: api.url }, String(group.chatId));
    await alert("微信掉线了 <b>", never);
    await alert("长".repeat(5_000), never);
    expect(group.texts[0]).toBe("微信掉线了 <b>");
    expect(group.texts[1]?.length).toBe(4_096);
  });

  it("that nobody takes says so without the token", async () => {
    const api = await botApi();
    const alert = createTelegramAlert({ token: api.token, apiRoot: api.url }, "-5");
    await expect(alert("x", never)).rejects.toMatchObject({
      code: "channel.unavailable",
      message: expect.not.stringContaining("test-token"),
    });
  });
});
