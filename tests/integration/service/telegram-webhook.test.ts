import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PersonDriver } from "../../support/bot-api/people.ts";
import { type BotApi, startBotApi } from "../../support/bot-api/start-bot-api.ts";
import { OpenAiServer } from "../../support/openai-server.ts";
import { freePort } from "../../support/wechat/gateway.ts";
import { ServiceSite } from "./service-site.ts";
import { expectShownOnce, patience, replyAfter, shownAfter, telegramSettings } from "./telegram-service.ts";

const secret = "a-secret-of-this-test_42";

let api: BotApi;
let model: OpenAiServer;
let site: ServiceSite;
let worker: PersonDriver;

beforeAll(async () => {
  api = await startBotApi();
  model = new OpenAiServer("slow");
  const modelUrl = await model.start();
  const port = await freePort();
  site = await ServiceSite.open({
    ...telegramSettings(api),
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    TELEGRAM_WEBHOOK_SECRET: secret,
    ENCRYPTION_KEY: randomBytes(32).toString("hex"),
    LLM_MODEL: "test-model",
    LLM_BASE_URL: modelUrl,
    LLM_API_KEY: "sk-test",
  });
  worker = api.newPerson({ id: 730_551_902_846 });
});
afterAll(async () => {
  await site?.close();
  await model?.stop();
  await api?.close();
});

/** A request at the webhook as whoever wants to can make it. */
function post(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = { [secretHeader]: secret },
) {
  return fetch(`${site.url}/api/telegram/webhook`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...headers },
  });
}
const secretHeader = "x-telegram-bot-api-secret-token";

let updateId = 900_000;
/** A text of the worker that Telegram never saw. */
function forgedUpdate(text: string, id = ++updateId): string {
  const { chat } = worker.state;
  const message = { message_id: id, date: 1_700_000_000, chat, from: worker.user, text };
  return JSON.stringify({ update_id: id, message });
}

describe("Telegram by webhook", () => {
  it("brings what a worker writes, and the answer grows before their eyes", async () => {
    model.reply =
      "单位用工满一个月还不签书面合同，从第二个月起每月要付您二倍工资[1]。\n要在1年内申请仲裁[1]。";
    const shown = await shownAfter(worker, 2, () => worker.sends("公司一直不签合同我能要什么赔偿"));
    expect(api.calls.some(({ method }) => method === "getUpdates")).toBe(false);
    const reply = shown[1]?.text ?? "";
    expect(reply).toContain("从第二个月起每月要付您二倍工资");
    expect(reply).toMatch(/来源：.*《劳动合同法》/su);
    const { drafts, actions } = worker.state;
    expect(actions).toContain("typing");
    expect(drafts.length).toBeGreaterThan(0);
    expect(new Set(drafts.map(({ draftId }) => draftId)).size).toBe(1);
    for (const { text } of drafts) expect(reply.startsWith(text)).toBe(true);
  });

  it.each([
    ["another secret", { [secretHeader]: `${secret}x` }],
    ["the secret's beginning", { [secretHeader]: secret.slice(0, -1) }],
    ["no secret", {}],
  ])("refuses a request with %s, and nothing comes of it", async (_name, headers: Record<string, string>) => {
    const response = await post(forgedUpdate("我要转人工"), headers);
    expect(response.status).toBe(401);
    expect(await response.text()).not.toContain(secret);
  });

  it.each([
    ["malformed JSON", '{"update_id": 1, "message": ', 400],
    ["no update", '"hello"', 400],
    ["an update without a number", '{"update_id":"1","message":{}}', 400],
    ["half a character", Uint8Array.of(0x7b, 0x22, 0xe4, 0xbd, 0x22, 0x7d), 400],
    ["megabytes", `{"update_id":1,"message":"${"长".repeat(1_000_000)}"}`, 413],
    ["nothing", "", 400],
  ])("refuses %s", async (_name, body, status) => {
    expect((await post(body)).status).toBe(status);
  });

  it.each([
    ["an unknown kind", { brand_new_thing: { chat: { id: 1 } } }],
    ["a message of an unknown kind", { message: { message_id: 5, chat: { id: 5, type: "private" } } }],
    ["a message that is none", { message: "hello" }],
    ["a channel's post", { channel_post: { message_id: 5, chat: { id: -5, type: "channel" }, text: "x" } }],
  ])("takes %s and leaves it", async (_name, content) => {
    const response = await post(JSON.stringify({ update_id: ++updateId, ...content }));
    expect(response.status).toBe(200);
  });

  it("stores an update once, however often it comes", async () => {
    model.reply = undefined;
    const update = forgedUpdate("谢谢");
    const [one] = await shownAfter(worker, 1, async () => {
      const statuses = await Promise.all(Array.from({ length: 5 }, async () => (await post(update)).status));
      expect(statuses).toEqual([200, 200, 200, 200, 200]);
    });
    expect((await post(update)).status).toBe(200);
    const next = await replyAfter(worker, () => worker.sends("人工"));
    expect(next).toMatch(/请求我已经记下了/u);
    expect(worker.sent.at(-2)).toBe(one);
  });

  it("gets again what came while the service was away", async () => {
    await site.kill();
    const sent = worker.sends("再见");
    await expect
      .poll(() => api.pending.map(({ message }) => message?.message_id), patience)
      .toEqual([sent.message_id]);
    const before = worker.sent.length;
    await site.start();
    await expect.poll(() => worker.sent.length, patience).toBe(before + 1);
    await expect.poll(() => api.pending.length, patience).toBe(0);
  });

  it("leaves each message once, and no number of a person in clear", async () => {
    const remains = await site.remains();
    const texts = remains
      .rows("messages")
      .filter(({ sender }) => sender === "contact")
      .toSorted((left, right) => Number(left.seq) - Number(right.seq))
      .map(({ text }) => text);
    expect(texts).toEqual(["公司一直不签合同我能要什么赔偿", "谢谢", "人工", "再见"]);
    expectShownOnce(remains, [worker]);
    expect(remains.everything).not.toContain(String(worker.user.id));
    expect(remains.rows("addresses")).toHaveLength(1);
    for (const private_ of [secret, "sk-test", api.token, "赔偿"])
      expect(site.linesWith(private_)).toEqual([]);
  });
});
