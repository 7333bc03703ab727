import { randomBytes, randomUUID } from "node:crypto";
import { OpenAPIHono } from "@hono/zod-openapi";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createWechatChannel, type WechatChannel } from "../../../src/channels/wechat/channel.ts";
import { webhookPath } from "../../../src/channels/wechat/official-account/channel.ts";
import { MessageCrypt } from "../../../src/channels/wechat/official-account/crypt.ts";
import { signatureOf } from "../../../src/channels/wechat/official-account/verify.ts";
import { parseFlatXml } from "../../../src/channels/wechat/official-account/xml.ts";
import {
  OfficialAccountServer,
  postOf,
  textPost,
  WebhookClient,
} from "../../support/wechat/official-account-server.ts";
import {
  MemoryFiles,
  RecordingInbox,
  recordingLogger,
  storeAway,
  until,
} from "../../support/wechat/recording-ports.ts";

const marks = { repeat: false, late: false };
const follower = { key: "open-1", surface: "private", data: { openId: "open-1" } } as const;
const account = { appId: "wx1", appSecret: "s3cret", token: "word" };

let platform: OfficialAccountServer;
let apiRoot: string;
let inbox: RecordingInbox;
let logger: ReturnType<typeof recordingLogger>;
let channel: WechatChannel;
let client: WebhookClient;
let requests: AbortSignal[];
let onSendWaiting: () => void;

beforeEach(async () => {
  platform = new OfficialAccountServer();
  apiRoot = await platform.start();
  await open();
});

afterEach(async () => {
  await channel.stop();
  await client.close();
  await platform.stop();
});

async function open(encodingAesKey?: string): Promise<void> {
  inbox = new RecordingInbox();
  logger = recordingLogger();
  onSendWaiting = () => {};
  channel = await createWechatChannel({
    settings: {
      puppet: "wechaty-puppet-official-account",
      acceptUnofficial: false,
      acceptFriends: true,
      officialAccount: { ...account, ...(encodingAesKey === undefined ? {} : { encodingAesKey }) },
    },
    inbox,
    files: new MemoryFiles(),
    longestFile: 1_000_000,
    newId: randomUUID,
    logger,
    now: () => new Date(),
    apiRoot,
    sendWaiting: async () => onSendWaiting(),
    waits: { answerMs: 400, callMs: 500, checkMs: 50 },
  });
  await channel.start();
  const app = new OpenAPIHono();
  requests = [];
  app.use(async (c, next) => {
    requests.push(c.req.raw.signal);
    await next();
  });
  channel.mount?.(app);
  client = await WebhookClient.serve(app.fetch, webhookPath, account.token);
  await until("the token", () => channel.health().state === "ready");
}

const send = (text: string, signal = AbortSignal.timeout(20_000)) =>
  channel.sender?.send(follower, { text }, marks, signal);

/** The text of an answer in the response; undefined where there is none. */
async function answered(response: Response | Promise<Response>): Promise<string | undefined> {
  const text = await (await response).text();
  return text === "success" ? undefined : parseFlatXml(text).get("Content");
}

test("the platform's first look at the address is answered with its echo", async () => {
  expect(await (await client.request("GET", undefined, { echostr: "echo-1" })).text()).toBe("echo-1");
});

test("a reply that is ready in time stands in the response, and no service message is used", async () => {
  onSendWaiting = () => void send("可以投诉。]]>");
  const response = await client.request("POST", textPost("1", "工资拖欠"));
  const fields = parseFlatXml(await response.text());
  expect(fields.get("Content")).toBe("可以投诉。]]>");
  expect([fields.get("ToUserName"), fields.get("FromUserName")]).toEqual(["open-1", "gh_1"]);
  expect(inbox.events).toEqual([{ type: "message", address: follower, externalId: "1", text: "工资拖欠" }]);
  expect(platform.messages).toEqual([]);
});

test("a reply that takes longer is announced and follows as a service message", async () => {
  expect(await answered(client.request("POST", textPost("1", "问题")))).toBe("收到了，正在查，请稍等。");
  expect(await send("答案")).toEqual({ state: "sent" });
  expect(platform.messages).toEqual([{ touser: "open-1", msgtype: "text", text: { content: "答案" } }]);
  expect(await answered(client.request("POST", textPost("2", "还有")))).toBeUndefined();
});

test("without the right to service messages the answer waits in the ledger for the contact's next message", async () => {
  platform.answer = 48_001;
  expect(await send("答案")).toMatchObject({
    state: "retry",
    reason: expect.stringContaining("next message"),
  });
  onSendWaiting = () => void send("答案");
  expect(await answered(client.request("POST", textPost("2", "好了吗")))).toBe("答案");
  onSendWaiting = () => {};
  expect(await answered(client.request("POST", textPost("3", "再问")))).toContain("随便发一句话");
});

test("the same message again stores nothing twice and gets the same answer", async () => {
  onSendWaiting = () => void send("答案");
  const [first, second] = [
    await answered(client.request("POST", textPost("1", "问题"))),
    await answered(client.request("POST", textPost("1", "问题"))),
  ];
  expect([first, second]).toEqual(["答案", "答案"]);
  expect(inbox.events).toHaveLength(1);
});

test("in a burst the answer goes into the last request, and the others are let go", async () => {
  const first = answered(client.request("POST", textPost("1", "一")));
  await until("the first", () => inbox.events.length === 1);
  const second = answered(client.request("POST", textPost("2", "二")));
  expect(await first).toBeUndefined();
  expect(await send("两句一起答")).toEqual({ state: "sent" });
  expect(await second).toBe("两句一起答");
  expect(platform.messages).toEqual([]);
});

test("a request that the platform gave up takes no answer", async () => {
  const cut = new AbortController();
  const request = client.request("POST", textPost("1", "问题"), {}, cut.signal).catch(() => "cut");
  await until("the message", () => inbox.events.length === 1);
  cut.abort();
  expect(await request).toBe("cut");
  await until("the end of the request", () => requests[0]?.aborted === true);
  expect(await send("答案")).toEqual({ state: "sent" });
  expect(platform.messages).toHaveLength(1);
});

test("a message that cannot be stored is asked for again by the platform", async () => {
  inbox.failure = storeAway();
  expect((await client.request("POST", textPost("1", "问题"))).status).toBe(503);
  inbox.failure = undefined;
  expect((await client.request("POST", textPost("1", "问题"))).status).toBe(200);
  expect(inbox.texts).toEqual(["问题"]);
});

test("forged, old, malformed and huge requests are refused and nothing is stored", async () => {
  const post = textPost("1", "问题");
  const status = async (body: string, query: Record<string, string> = {}) =>
    (await client.request("POST", body, query)).status;
  expect(await status(post, { signature: "0".repeat(40) })).toBe(401);
  expect(await status(post, client.signed(0, "guess"))).toBe(401);
  expect(await status(post, client.signed(3_600))).toBe(401);
  expect(await status(post, { timestamp: "now" })).toBe(401);
  expect(await status(post, { encrypt_type: "aes", msg_signature: "x" })).toBe(401);
  expect(await status("{}")).toBe(400);
  expect(await status('<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><A>&a;</A></xml>')).toBe(
    400,
  );
  expect(await status(textPost("1", "长".repeat(100_000)))).toBe(413);
  expect((await client.request("GET", undefined, { signature: "x" })).status).toBe(401);
  expect(inbox.events).toEqual([]);
  expect(JSON.stringify(logger.lines)).not.toContain("问题");
});

test("following, scanning a door, leaving and a kind never seen", async () => {
  const follow = (event: string, key = "") =>
    client.request("POST", postOf({ MsgType: "event", Event: event, EventKey: key }));
  await follow("subscribe", "qrscene_station-7");
  await follow("SCAN", "poster-1");
  await follow("VIEW", "https://example.cn/");
  await follow("unsubscribe");
  await client.request("POST", postOf({ MsgType: "hologram", MsgId: "9" }));
  const message = { type: "message", address: follower, text: "/start" };
  expect(inbox.events).toEqual([
    { ...message, externalId: "subscribe:1700000000:qrscene_station-7", origin: "station-7" },
    { ...message, externalId: "SCAN:1700000000:poster-1", origin: "poster-1" },
    { type: "blocked", address: follower },
  ]);
});

test("a photo is fetched by its id, and one that is gone says so", async () => {
  platform.media.set("media-1", { type: "image/jpeg", bytes: Buffer.from("jpeg bytes") });
  await client.request("POST", postOf({ MsgType: "image", MediaId: "media-1", MsgId: "5" }));
  expect(inbox.events[0]).toMatchObject({ text: "", attachments: [{ kind: "photo", reference: "media-1" }] });
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await channel.fetchFile?.("media-1", AbortSignal.timeout(5_000))) ?? [])
    chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toBe("jpeg bytes");
  const gone = channel.fetchFile?.("media-2", AbortSignal.timeout(5_000));
  await expect(gone).rejects.toMatchObject({ code: "files.gone" });
  await expect(channel.fetchFile?.("../x?y", AbortSignal.timeout(5_000))).rejects.toMatchObject({
    code: "files.gone",
  });
});

test("a service message tells what became of it", async () => {
  const outcomes: [OfficialAccountServer["answer"], object][] = [
    [-1, { state: "retry" }],
    [45_015, { state: "retry" }],
    [45_009, { state: "retry", scope: "channel" }],
    [43_004, { state: "unreachable" }],
    [45_002, { state: "failed" }],
    ["500", { state: "unknown" }],
    ["hang", { state: "unknown" }],
  ];
  for (const [answer, outcome] of outcomes) {
    platform.next.push(answer);
    expect(await send("答案")).toMatchObject(outcome);
  }
});

test("a token that the platform revoked is replaced, and one serves many messages", async () => {
  await send("一");
  await send("二");
  expect(platform.tokensGiven).toBe(1);
  platform.revoked.add("token-1");
  expect(await send("三")).toEqual({ state: "sent" });
  expect(platform.tokensGiven).toBe(2);
});

test("a platform that is away, or refuses the app, is retried and shown in the health", async () => {
  platform.revoked.add("token-1");
  platform.tokenError = 40_164;
  expect(await send("答案")).toMatchObject({ state: "retry", scope: "channel" });
  await channel.stop();
  await channel.start();
  await until("the fault", () => channel.health().state === "degraded");
  expect(channel.health().reason).toContain("list of allowed addresses");
  platform.tokenError = 0;
  await until("the recovery", () => channel.health().state === "ready");
  await platform.stop();
  expect(await send("答案")).toMatchObject({ state: expect.stringMatching(/retry|unknown/) });
  await platform.start();
});

test("a long reply comes in parts that fit, with their count", async () => {
  const message = {
    id: "r1",
    conversationId: "c1",
    seq: 1,
    sender: "bot" as const,
    text: "用人单位应当及时足额支付劳动报酬。".repeat(120),
    createdAt: new Date().toISOString(),
  };
  const parts = channel.sender?.partsOf(message) ?? [];
  expect(parts.length).toBeGreaterThan(2);
  expect(parts[0]?.text).toMatch(/。\n（1\/\d）$/);
  const both = { repeat: true, late: true };
  for (const part of parts) await channel.sender?.send(follower, part, both, AbortSignal.timeout(20_000));
  expect(
    Math.max(...platform.messages.map(({ text }) => Buffer.byteLength(text.content))),
  ).toBeLessThanOrEqual(2_048);
});

test("in the encrypted mode what comes and goes is sealed, and plain posts are refused", async () => {
  await channel.stop();
  await client.close();
  const key = randomBytes(32).toString("base64").slice(0, 43);
  await open(key);
  const crypt = new MessageCrypt(key, "wx1");
  const sealed = crypt.encrypt(textPost("1", "加密的问题"), randomBytes(16));
  const signed = client.signed();
  const query = {
    ...signed,
    encrypt_type: "aes",
    msg_signature: signatureOf(account.token, signed.timestamp ?? "", "n1", sealed),
  };
  onSendWaiting = () => void send("加密的答案");
  const response = await client.request("POST", postOf({ Encrypt: sealed }), query);
  const answer = parseFlatXml(await response.text());
  const encrypted = answer.get("Encrypt") ?? "";
  expect(parseFlatXml(crypt.decrypt(encrypted)).get("Content")).toBe("加密的答案");
  expect(answer.get("MsgSignature")).toBe(
    signatureOf(account.token, answer.get("TimeStamp") ?? "", "n1", encrypted),
  );
  expect(inbox.texts).toEqual(["加密的问题"]);
  expect((await client.request("POST", textPost("2", "明文"))).status).toBe(401);
  const foreign = new MessageCrypt(key, "wx2").encrypt(textPost("3", "别人的"), randomBytes(16));
  const forged = {
    ...query,
    msg_signature: signatureOf(account.token, signed.timestamp ?? "", "n1", foreign),
  };
  expect((await client.request("POST", postOf({ Encrypt: foreign }), forged)).status).toBe(401);
});
