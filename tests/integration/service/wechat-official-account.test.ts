import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signatureOf } from "../../../src/channels/wechat/official-account/verify.ts";
import { parseFlatXml } from "../../../src/channels/wechat/official-account/xml.ts";
import { OpenAiServer } from "../../support/openai-server.ts";
import { makeJpeg } from "../../support/sample-media.ts";
import { OfficialAccountServer, postOf } from "../../support/wechat/official-account-server.ts";
import { ServiceSite } from "./service-site.ts";
import { patience } from "./telegram-service.ts";

const token = "word-of-both";

let platform: OfficialAccountServer;
let model: OpenAiServer;
let site: ServiceSite;
let messages = 0;

beforeAll(async () => {
  platform = new OfficialAccountServer();
  model = new OpenAiServer();
  site = await ServiceSite.open({
    NODE_OPTIONS: `--import=${new URL("./redirect-weixin.ts", import.meta.url).href}`,
    TEST_WEIXIN: await platform.start(),
    WECHAT_OA_APP_ID: "wx1",
    WECHAT_OA_APP_SECRET: "s3cret",
    WECHAT_OA_TOKEN: token,
    BURST_MS: "100",
    LLM_MODEL: "test-model",
    LLM_BASE_URL: await model.start(),
    LLM_API_KEY: "sk-test",
    // Half of it for the first word: longer than WeChat waits.
    LLM_TIMEOUT_MS: "10000",
  });
});
afterAll(async () => {
  await site?.close();
  await model?.stop();
  await platform?.stop();
});

interface Signing {
  readonly secondsAgo?: number;
  readonly word?: string;
}

/** A request as WeChat makes it. */
function request(body: string | undefined, { secondsAgo = 0, word = token }: Signing = {}, more = {}) {
  const timestamp = String(Math.floor(Date.now() / 1_000) - secondsAgo);
  const query = new URLSearchParams({
    timestamp,
    nonce: "n1",
    signature: signatureOf(word, timestamp, "n1"),
    ...more,
  });
  const method = body === undefined ? "GET" : "POST";
  return fetch(`${site.url}/api/wechat/webhook?${query}`, {
    method,
    ...(body === undefined ? {} : { body }),
  });
}

const post = (from: string, fields: Record<string, string>, id = `${++messages}`) =>
  postOf({ FromUserName: from, CreateTime: String(Math.floor(Date.now() / 1_000)), MsgId: id, ...fields });

/** A follower writes; resolves to what stands in the response. */
async function write(from: string, fields: Record<string, string>): Promise<string> {
  const response = await request(post(from, fields));
  expect(response.status).toBe(200);
  return contentOf(await response.text());
}

const contentOf = (body: string) =>
  body === "success" || body === "" ? "" : (parseFlatXml(body).get("Content") ?? "");

/** Service messages to a follower. */
const serviceMessages = (to: string) =>
  platform.messages.filter(({ touser }) => touser === to).map(({ text }) => text.content);

describe("a follower of the official account", () => {
  it("is known by WeChat's signature alone", async () => {
    const echo = await request(undefined, {}, { echostr: "echo-42" });
    expect([echo.status, await echo.text()]).toEqual([200, "echo-42"]);
    expect((await request(undefined, { word: "guess" }, { echostr: "x" })).status).toBe(401);
    const text = post("open-1", { MsgType: "text", Content: "婚假有几天" });
    expect((await request(text, { word: "guess" })).status).toBe(401);
    expect((await request(text, { secondsAgo: 3_600 })).status).toBe(401);
    expect((await request("<xml><FromUserName>", {})).status).toBe(400);
    expect((await request(post("open-1", { Content: "长".repeat(100_000) }))).status).toBe(413);
  });

  it("comes through a door, and gets the notice in the response", async () => {
    const event = { MsgType: "event", Event: "subscribe", EventKey: "qrscene_beibei-9" };
    expect(await write("open-1", event)).toMatch(/我是机器助手，不是真人/u);
    await expect.poll(() => serviceMessages("open-1").join(), patience).toContain("娘家人");
  });

  it("gets law, article and sources, however often WeChat asks, once", async () => {
    const before = serviceMessages("open-1").length;
    const text = post("open-1", { MsgType: "text", Content: "公司一直不签合同我能要什么赔偿" });
    const first = contentOf(await (await request(text)).text());
    expect(first).toMatch(/双倍|二倍/u);
    expect(contentOf(await (await request(text)).text())).toBe(first);
    const all = () => [first, ...serviceMessages("open-1").slice(before)];
    const parts = Number(/（1\/(?<parts>\d)）$/u.exec(first)?.groups?.parts ?? 1);
    await expect.poll(() => all().length, patience).toBe(parts);
    expect(all().join("\n")).toMatch(/来源：.*《劳动合同法》.*第八十二条/su);
    for (const part of all()) expect(Buffer.byteLength(part)).toBeLessThanOrEqual(2_048);
  });

  it("reads that it is being looked up where the answer takes longer, and gets it afterwards", async () => {
    const before = serviceMessages("open-1").length;
    model.next.push("hang");
    expect(await write("open-1", { MsgType: "text", Content: "年休假一年有几天" })).toBe(
      "收到了，正在查，请稍等。",
    );
    const answer = () => serviceMessages("open-1").slice(before).join("\n");
    await expect.poll(answer, patience).toMatch(/《职工带薪年休假条例》.*来源：/su);
  });

  it("without a right to service messages gets the rest with the next message", async () => {
    platform.answer = 48_001;
    const first = await write("open-2", { MsgType: "text", Content: "婚假有几天" });
    expect(first).toMatch(/我是机器助手/u);
    const second = await write("open-2", { MsgType: "text", Content: "谢谢" });
    expect(second).toContain("婚假");
    platform.answer = 0;
    expect(serviceMessages("open-2")).toEqual([]);
  });

  it("sends a photo, which is fetched and kept", async () => {
    platform.media.set("media-1", { type: "image/jpeg", bytes: makeJpeg(32, 32) });
    const reply = await write("open-1", { MsgType: "image", MediaId: "media-1" });
    expect(reply).toMatch(/照片收到了，已经替您存好/u);
  });

  it("leaves each message once, and nothing of it in the log", async () => {
    await expect.poll(() => site.logged("a turn ended").length, patience).toBe(6);
    const remains = await site.remains();
    const received = remains.rows("messages").filter(({ sender }) => sender === "contact");
    expect(received).toHaveLength(6);
    expect(received.filter(({ answered_at }) => answered_at === null)).toEqual([]);
    expect(remains.rows("conversations").map(({ origin }) => origin)).toContain("beibei-9");
    expect(remains.files.map((bytes) => bytes.equals(makeJpeg(32, 32)))).toEqual([true]);
    for (const secret of ["open-1", "s3cret", token, "赔偿"]) expect(site.linesWith(secret)).toEqual([]);
  });
});
