import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { OpenAPIHono } from "@hono/zod-openapi";
import { describe, expect, it, onTestFinished } from "vitest";
import { AppError } from "../../../src/errors.ts";
import { limitBody } from "../../../src/http/middleware/limit-body.ts";
import { requireJson } from "../../../src/http/middleware/require-json.ts";
import type { BotApi } from "../../support/bot-api/start-bot-api.ts";
import { botApi, channelOn, eventually } from "./started-channel.ts";

const secret = "secret-of-the-webhook_1";
const message = {
  message_id: 4,
  date: 1,
  text: "工伤怎么认定",
  from: { id: 55, is_bot: false, first_name: "张" },
  chat: { id: 55, type: "private", first_name: "张" },
};

interface ListenOptions {
  /** Behind the middleware of the service. */
  readonly behind?: boolean;
  readonly setUp?: boolean;
  readonly lookMs?: number;
}

/** A channel with a webhook, served over HTTP; Telegram is told of it unless `setUp` is false. */
async function webhookChannel(
  api: BotApi,
  { behind = false, setUp = true, lookMs = 60_000 }: ListenOptions = {},
) {
  const app = new OpenAPIHono();
  if (behind) app.use("/api/*", limitBody(), requireJson());
  app.onError((error, c) => c.json({ error: { code: (error as AppError).code } }, 400));
  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
  await new Promise<void>((resolve) => server.once("listening", () => resolve()));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const setup = channelOn(api, {
    settings: { webhookSecret: secret },
    lookMs,
    ...(setUp ? { publicUrl: url } : {}),
  });
  setup.channel.mount?.(app);
  onTestFinished(() => {
    if ("closeAllConnections" in server) server.closeAllConnections();
    server.close();
  });
  const post = (body: string | Uint8Array | ReadableStream, headers: Record<string, string> = {}) =>
    fetch(`${url}/api/telegram/webhook`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-telegram-bot-api-secret-token": secret, ...headers },
      body,
      duplex: "half",
    } as RequestInit);
  return { ...setup, url, post };
}

async function readyWebhook(options?: ListenOptions) {
  const api = await botApi();
  const setup = await webhookChannel(api, options);
  await setup.channel.start();
  await eventually(() => expect(setup.channel.health()).toMatchObject({ state: "ready" }));
  return { api, ...setup };
}

describe("the webhook", () => {
  it("is set with its secret and takes what people write, in the order of each chat", async () => {
    const { api, channel, inbox, url } = await readyWebhook();
    expect(channel.exclusive).toBe(false);
    expect(api.calls.find(({ method }) => method === "setWebhook")?.args).toEqual({
      url: `${url}/api/telegram/webhook`,
      secret_token: secret,
      allowed_updates: ["message", "edited_message", "callback_query", "my_chat_member"],
    });
    const people = [api.newPerson(), api.newPerson()];
    for (let count = 0; count < 10; count++) for (const person of people) person.sends(`第${count}条`);
    await eventually(() => expect(inbox.stored.length).toBe(20));
    for (const person of people) {
      const own = inbox.stored.filter(({ address }) => address.key === String(person.chatId));
      expect(own.map((event) => event.type === "message" && event.text)).toEqual(
        Array.from({ length: 10 }, (_, count) => `第${count}条`),
      );
    }
    await eventually(() => expect(api.pending).toEqual([]));
  });

  it("does not say 200 before it is stored, and gets again what could not be", async () => {
    const { api, inbox } = await readyWebhook();
    inbox.failures.push(
      new AppError("storage.unavailable", "away"),
      new AppError("storage.unavailable", "away"),
    );
    api.newPerson().sends("别丢了");
    await eventually(() => expect(inbox.texts).toEqual(["别丢了"]));
    expect(inbox.calls).toBe(3);
    await eventually(() => expect(api.pending).toEqual([]));
  });

  it("serves two replicas side by side", async () => {
    const api = await botApi();
    const replicas = [await webhookChannel(api), await webhookChannel(api, { setUp: false })];
    for (const { channel } of replicas) {
      await channel.start();
      await eventually(() => expect(channel.health()).toMatchObject({ state: "ready" }));
    }
    const statuses = await Promise.all(
      replicas.map(async ({ post }, index) => {
        const response = await post(
          JSON.stringify({ update_id: index, message: { ...message, message_id: index } }),
        );
        return response.status;
      }),
    );
    expect(statuses).toEqual([200, 200]);
  });
});

describe("requests to the webhook", () => {
  const update = JSON.stringify({ update_id: 7, message });

  it("with a wrong or a missing secret get 401, and nothing is stored", async () => {
    const { post, inbox, log, url } = await readyWebhook();
    const wrong = await post(update, { "x-telegram-bot-api-secret-token": "secret-of-the-webhook_2" });
    const missing = await fetch(`${url}/api/telegram/webhook`, { method: "POST", body: update });
    expect([wrong.status, missing.status]).toEqual([401, 401]);
    expect(await wrong.json()).toEqual({ error: { code: "channel.unverified" } });
    expect(inbox.calls).toBe(0);
    expect(log.text).not.toContain("secret-of");
  });

  it("that are replayed get 200 and are stored once", async () => {
    const { post, inbox } = await readyWebhook();
    const statuses = [];
    for (let time = 0; time < 3; time++) statuses.push((await post(update)).status);
    expect(statuses).toEqual([200, 200, 200]);
    expect(inbox.texts).toEqual(["工伤怎么认定"]);
    expect(inbox.duplicates).toBe(2);
  });

  it.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["no UTF-8", new Uint8Array([0x22, 0xff, 0x22])],
    ["no object", "7"],
    ["null", "null"],
    ["no number", "{}"],
    ["a number that is none", '{"update_id":"7"}'],
  ])("with %s get 400", async (_what, body) => {
    const { post, inbox } = await readyWebhook();
    expect((await post(body)).status).toBe(400);
    expect(inbox.calls).toBe(0);
  });

  it.each([
    ["a kind that does not exist yet", { update_id: 8, telepathy: { thought: "秘密" } }],
    ["a message that is no message", { update_id: 9, message: "秘密" }],
  ])("with %s get 200, so that Telegram does not send them for ever", async (_what, body) => {
    const { post, inbox, log } = await readyWebhook();
    expect((await post(JSON.stringify(body))).status).toBe(200);
    expect(inbox.calls).toBe(0);
    expect(log.text).toContain("an update was passed over");
    expect(log.text).not.toContain("秘密");
  });

  it("that are too large get 413, whether or not they say how large they are", async () => {
    const { post, inbox } = await readyWebhook();
    const large = JSON.stringify({ update_id: 7, message: { ...message, text: "字".repeat(200_000) } });
    expect((await post(large)).status).toBe(413);
    const stream = new Blob([large]).stream();
    expect((await post(stream)).status).toBe(413);
    expect(inbox.calls).toBe(0);
  });

  it("are read behind the middleware of the service too", async () => {
    const { post, inbox } = await readyWebhook({ behind: true });
    expect((await post(update)).status).toBe(200);
    expect(inbox.texts).toEqual(["工伤怎么认定"]);
  });

  it("get 503 before the channel is ready and after it was stopped, so that Telegram sends them again", async () => {
    const api = await botApi();
    const { channel, post } = await webhookChannel(api);
    expect((await post(update)).status).toBe(503);
    await channel.start();
    await eventually(() => expect(channel.health().state).toBe("ready"));
    expect((await post(update)).status).toBe(200);
    await channel.stop();
    expect((await post(update)).status).toBe(503);
  });
});

describe("the watch over the webhook", () => {
  it("sets it again where somebody took it away", async () => {
    const { api, url } = await readyWebhook({ lookMs: 5 });
    await fetch(`${api.url}/bot${api.token}/deleteWebhook`);
    const info = async () => {
      const response = await fetch(`${api.url}/bot${api.token}/getWebhookInfo`);
      return ((await response.json()) as { result: { url: string } }).result.url;
    };
    await eventually(() => expect(api.calls.filter(({ method }) => method === "setWebhook").length).toBe(2));
    expect(await info()).toBe(`${url}/api/telegram/webhook`);
  });

  it("says when Telegram cannot deliver", async () => {
    const { api, channel, inbox } = await readyWebhook({ lookMs: 5 });
    inbox.failures.push(...Array.from({ length: 200 }, () => new AppError("storage.unavailable", "away")));
    api.newPerson().sends("在吗");
    await eventually(() => expect(channel.health().state).toBe("degraded"));
    expect(channel.health().reason).toContain("503");
  });

  it("says where none is set and it was not told its own address", async () => {
    const api = await botApi();
    const { channel } = await webhookChannel(api, { setUp: false });
    await channel.start();
    await eventually(() => expect(channel.health().reason).toContain("PUBLIC_URL"));
  });

  it("says when the token is wrong", async () => {
    const api = await botApi();
    const { channel } = await webhookChannel({ ...api, token: "7:wrong" });
    await channel.start();
    await eventually(() => expect(channel.health()).toMatchObject({ state: "down" }));
    expect(channel.health().reason).toContain("TELEGRAM_BOT_TOKEN");
  });
});
