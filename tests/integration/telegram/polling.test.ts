import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { AppError } from "../../../src/errors.ts";
import { InboxRecorder } from "./inbox-recorder.ts";
import { botApi, channelOn, eventually, pollingChannel } from "./started-channel.ts";

const away = () => new AppError("storage.unavailable", "The database is away.");

describe("long polling", () => {
  it("hands in what people write, in order, and confirms it with the next poll", async () => {
    const { api, inbox } = await pollingChannel();
    const person = api.newPerson();
    for (const text of ["工资三个月没发", "老板说没钱", "怎么办"]) person.sends(text);
    await eventually(() => expect(inbox.texts).toEqual(["工资三个月没发", "老板说没钱", "怎么办"]));
    await eventually(() => expect(api.pending).toEqual([]));
    expect(inbox.duplicates).toBe(0);
  });

  it("holds the poll open instead of asking again and again", async () => {
    const { api, inbox } = await pollingChannel();
    const person = api.newPerson();
    for (let round = 0; round < 5; round++) {
      person.sends(`第${round}条`);
      await eventually(() => expect(inbox.stored.length).toBe(round + 1));
    }
    const polls = api.calls.filter(({ method }) => method === "getUpdates");
    // One that says that it works, one a message.
    expect(polls.length).toBeLessThanOrEqual(7);
    expect(polls.at(-1)?.args).toMatchObject({
      timeout: 2,
      allowed_updates: ["message", "edited_message", "callback_query", "my_chat_member"],
    });
  });

  it("stores a whole batch with one call", async () => {
    const api = await botApi();
    const person = api.newPerson();
    for (let count = 0; count < 250; count++) person.sends(`第${count}条`);
    const { channel, inbox } = channelOn(api);
    await channel.start();
    await eventually(() => expect(inbox.stored.length).toBe(250));
    expect(inbox.batches).toEqual([100, 100, 50]);
  });

  it("introduces itself: takes a webhook away without dropping what waits, and sets the menus", async () => {
    const api = await botApi();
    const person = api.newPerson();
    await fetch(`${api.url}/bot${api.token}/setWebhook?url=http://127.0.0.1:1/away`);
    person.sends("在停机时写的");
    const { channel, inbox } = channelOn(api);
    await channel.start();
    await eventually(() => expect(inbox.texts).toEqual(["在停机时写的"]));
    await eventually(() => expect(api.commands("en").map(({ command }) => command)).toContain("human"));
    expect(api.commands().map(({ command }) => command)).toEqual(["start", "help", "human", "forget"]);
    expect(api.commands().find(({ command }) => command === "human")?.description).toMatch(/人工/);
  });

  it("stops at once, although a poll is open", async () => {
    const { channel } = await pollingChannel();
    await channel.stop();
    expect(channel.health().state).toBe("starting");
  });

  it("can be started again where it was stopped, and goes on where it was", async () => {
    const { api, channel, inbox } = await pollingChannel();
    const person = api.newPerson();
    person.sends("停之前");
    await eventually(() => expect(inbox.texts).toEqual(["停之前"]));
    await channel.stop();
    person.sends("停着的时候");
    await channel.start();
    await eventually(() => expect(inbox.texts).toEqual(["停之前", "停着的时候"]));
  });
});

describe("a store that fails", () => {
  it("is asked again with the same batch: nothing is lost, nothing skipped, the order kept", async () => {
    const { api, channel, inbox } = await pollingChannel();
    const person = api.newPerson();
    inbox.failures.push(away(), away(), away(), away());
    for (const text of ["一", "二"]) person.sends(text);
    await eventually(() => expect(channel.health().state).toBe("down"));
    expect(channel.health().reason).toContain("storage.unavailable");
    person.sends("三");
    await eventually(() => expect(inbox.texts).toEqual(["一", "二", "三"]));
    await eventually(() => expect(channel.health().state).toBe("ready"));
  });

  it("leaves out by itself what can never be stored, and hears everybody else", async () => {
    const { api, channel, inbox } = await pollingChannel();
    inbox.poison = "毒";
    inbox.failures.push(away());
    const [one, other] = [api.newPerson(), api.newPerson()];
    for (const text of ["一", "毒", "二"]) one.sends(text);
    other.sends("三");
    await eventually(() => expect(inbox.texts).toEqual(["一", "二", "三"]));
    one.sends("四");
    await eventually(() => expect(inbox.texts).toEqual(["一", "二", "三", "四"]));
    await eventually(() => expect(channel.health().state).toBe("ready"));
  });

  it("does not let Telegram forget: until it is stored every poll has the old offset", async () => {
    const { api, inbox } = await pollingChannel();
    inbox.failures.push(away(), away());
    const person = api.newPerson();
    person.sends("别丢了");
    await eventually(() => expect(inbox.calls).toBeGreaterThanOrEqual(2));
    expect(api.pending.length).toBe(1);
    await eventually(() => expect(inbox.texts).toEqual(["别丢了"]));
  });
});

describe("a process that dies between storing and confirming", () => {
  it("gets the batch again after its restart, and the inbox knows it", async () => {
    const api = await botApi();
    const person = api.newPerson();
    const inbox = new InboxRecorder();
    const first = channelOn(api, { inbox });
    await first.channel.start();
    await eventually(() => expect(first.channel.health().state).toBe("ready"));
    // The batch is stored and the process ends before it polls again.
    let store: () => void = () => {};
    inbox.gate = new Promise((resolve) => {
      store = resolve;
    });
    for (const text of ["一", "二", "三"]) person.sends(text);
    await eventually(() => expect(inbox.calls).toBe(1));
    const stopping = first.channel.stop();
    store();
    await stopping;
    expect(inbox.texts).toEqual(["一", "二", "三"]);
    expect(api.pending.length).toBe(3);

    person.sends("四");
    const second = channelOn(api, { inbox });
    await second.channel.start();
    await eventually(() => expect(inbox.texts).toEqual(["一", "二", "三", "四"]));
    expect(inbox.duplicates).toBe(3);
    await eventually(() => expect(api.pending).toEqual([]));
  });
});

describe("updates that cannot be used", () => {
  it("do not hold up those behind them, and the log says nothing of what they hold", async () => {
    const { api, inbox, log } = await pollingChannel();
    const person = api.newPerson();
    api.inject({ update_id: 2_000, telepathy: { thought: "老张的秘密" } } as { update_id: number });
    api.inject({ update_id: 2_001, message: "老张的秘密" } as { update_id: number });
    api.inject({ update_id: 2_002, message: { message_id: 1, text: "老张的秘密" } } as { update_id: number });
    api.inject({ update_id: 2_003, callback_query: { id: "x", data: 7 } } as { update_id: number });
    api.inject({ update_id: 2_004, edited_message: null } as { update_id: number });
    api.inject({ update_id: 2_005 });
    person.sends("后面的人");
    await eventually(() => expect(inbox.texts).toEqual(["后面的人"]));
    await eventually(() => expect(api.pending).toEqual([]));
    expect(log.lines.filter((line) => line.startsWith("an update was passed over")).length).toBe(6);
    expect(log.text).toContain('"updateId":2000,"kinds":["telepathy"]');
    expect(log.text).not.toContain("老张");
    expect(log.text).not.toContain(api.token.split(":")[1]);
  });

  it("are asked for anew after a week of silence, when Telegram numbers them from anywhere", async () => {
    const api = await botApi();
    let ticks = 0;
    const { channel, inbox } = channelOn(api, { ticks: () => ticks, pollSeconds: 1 });
    const person = api.newPerson();
    await channel.start();
    person.sends("一");
    await eventually(() => expect(inbox.texts).toEqual(["一"]));
    ticks += 7 * 24 * 3_600_000;
    const polls = api.calls.length;
    await eventually(() => expect(api.calls.length).toBeGreaterThan(polls + 1));
    const message = { message_id: 900, date: 1, chat: person.state.chat, from: person.user };
    api.inject({ update_id: 5, message: { ...message, text: "二" } } as { update_id: number });
    api.inject({ update_id: 6, message: { ...message, message_id: 901, text: "三" } } as {
      update_id: number;
    });
    await eventually(() => expect(inbox.texts).toEqual(["一", "二", "三"]));
  });
});

describe("a platform that does not do as it should", () => {
  it.each([
    [{ kind: "serverError" as const }],
    [{ kind: "tooManyRequests" as const, retryAfter: 0 }],
    [{ kind: "timeout" as const, delivers: true }],
    [{ kind: "timeout" as const, delivers: false }],
    [{ kind: "page" as const, status: 502, body: "<html>Bad Gateway</html>" }],
    [{ kind: "page" as const, status: 200, body: "<html>Log in to the hotel</html>" }],
  ])("answers a poll with %o: it polls again and loses nothing", async (fault) => {
    const { api, inbox, channel } = await pollingChannel({ holdMs: 5 });
    api.faults.failNext("getUpdates", fault, fault);
    const person = api.newPerson();
    for (const text of ["一", "二"]) person.sends(text);
    await eventually(() => expect(inbox.texts).toEqual(["一", "二"]));
    await eventually(() => expect(channel.health().state).toBe("ready"));
  });

  it("does not know the token: it is down and says what to do", async () => {
    const api = await botApi();
    const { channel, log } = channelOn({ url: api.url, token: "7000000001:wrong" });
    await channel.start();
    await eventually(() => expect(channel.health().state).toBe("down"));
    expect(channel.health().reason).toContain("TELEGRAM_BOT_TOKEN");
    expect(log.text).not.toContain("wrong");
  });

  it("cannot be reached: it is disturbed, then down, and recovers when it is back", async () => {
    const api = await botApi();
    const port = Number(new URL(api.url).port);
    await api.close();
    const { channel, inbox } = channelOn(api);
    await channel.start();
    await eventually(() => expect(channel.health()).toMatchObject({ state: "down" }));
    expect(channel.health().reason).toContain("ECONNREFUSED");
    const back = await botApi({ port });
    back.newPerson().sends("又通了");
    await eventually(() => expect(inbox.texts).toEqual(["又通了"]));
    expect(channel.health().state).toBe("ready");
  });

  it("is polled by another process: it says so and goes on trying", async () => {
    const { api, channel, inbox } = await pollingChannel();
    const conflict = {
      kind: "refusal" as const,
      code: 409,
      description:
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    };
    api.faults.failNext("getUpdates", conflict, conflict, conflict, conflict, conflict, conflict);
    await eventually(() => expect(channel.health().state).toBe("down"));
    expect(channel.health().reason).toContain("Another process polls this bot");
    api.newPerson().sends("还在吗");
    await eventually(() => expect(inbox.texts).toEqual(["还在吗"]));
  });

  it("has a webhook by another service: it says so", async () => {
    const { api, channel } = await pollingChannel();
    await fetch(`${api.url}/bot${api.token}/setWebhook?url=http://127.0.0.1:1/other`);
    await eventually(() => expect(channel.health().reason).toContain("Another service set a webhook"));
  });

  it("knows neither offset nor long polling: nothing is stored twice, and it is not asked without end", async () => {
    const update = {
      update_id: 9,
      message: { message_id: 1, date: 1, text: "你好", from: { id: 5 }, chat: { id: 5, type: "private" } },
    };
    let polls = 0;
    const server = createServer((request, response) => {
      const isPoll = request.url?.endsWith("/getUpdates") === true;
      if (isPoll) polls += 1;
      const me = { id: 7, is_bot: true, first_name: "x", username: "x_bot" };
      request.resume();
      response.end(JSON.stringify({ ok: true, result: isPoll ? [update] : me }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { channel, inbox } = channelOn({ url, token: "7:x" });
    await channel.start();
    await eventually(() => expect(polls).toBeGreaterThanOrEqual(4));
    expect(inbox.calls).toBe(1);
    // Without a pause thousands would have come in this time.
    expect(polls).toBeLessThan(10);
    server.closeAllConnections();
  });
});
