import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { makeJpeg } from "../../support/sample-media.ts";
import { WechatGateway } from "../../support/wechat/gateway.ts";
import type { GatewayCommands } from "../../support/wechat/gateway-process.ts";
import { type Remains, ServiceSite } from "./service-site.ts";
import { patience } from "./telegram-service.ts";

const room = "site@chatroom";
const photo = makeJpeg(48, 24);

let gateway: WechatGateway;
let site: ServiceSite;
let messages = 0;

beforeAll(async () => {
  gateway = await startGateway();
  site = await ServiceSite.open({
    WECHAT_PUPPET: "wechaty-puppet-service",
    WECHAT_PUPPET_ENDPOINT: gateway.endpoint,
    WECHAT_PUPPET_TOKEN: gateway.token,
    WECHAT_ACCEPT_UNOFFICIAL: "yes",
    BURST_MS: "150",
  });
  // What is told while nobody listens is lost: the gateway keeps nothing.
  await vi.waitFor(async () => expect(await health()).toBe("ready"), patience);
});
afterAll(async () => {
  await site?.close();
  await gateway?.kill();
});

/** How the service says that WeChat is. */
async function health(): Promise<string | undefined> {
  const response = await fetch(`${site.url}/readyz`);
  const { channels } = (await response.json()) as { channels: Record<string, { state: string }> };
  return channels.wechat?.state;
}

async function startGateway(like?: WechatGateway): Promise<WechatGateway> {
  const started = await WechatGateway.start(like === undefined ? {} : { port: like.port, token: like.token });
  for (const id of ["lao-wang", "xiao-li"]) await started.do("contact", { id, name: `工友${id}` });
  const members = Array.from({ length: 500 }, (_, index) => `member-${index}`);
  for (const id of members) await started.do("contact", { id, name: id });
  const aliases = { self: "工会小助手" };
  await started.do("room", { id: room, memberIds: ["self", "lao-wang", ...members], aliases });
  return started;
}

/** Somebody writes; resolves to the message's id. */
async function write(from: string, details: Omit<Parameters<GatewayCommands["message"]>[0], "id">) {
  const id = `m${++messages}`;
  await gateway.do("message", { id, talkerId: from, ...details });
  return id;
}

const report = () => gateway.do("report");

/** What the account sent to a contact or a room, oldest first. */
async function sentTo(target: string): Promise<string[]> {
  return (await report()).sent.filter(({ to }) => to === target).map(({ text }) => text);
}

/** What it sends there after something was done: at least so many messages. */
async function sentAfter(target: string, count: number, act: () => Promise<unknown>): Promise<string[]> {
  const before = (await sentTo(target)).length;
  await act();
  return vi.waitFor(async () => {
    const more = (await sentTo(target)).slice(before);
    expect(more.length).toBeGreaterThanOrEqual(count);
    return more;
  }, patience);
}

describe("a worker on WeChat", () => {
  it("asks a question and gets law and article, with the sources as footnotes", async () => {
    const [notice, ...answer] = await sentAfter("lao-wang", 2, () =>
      write("lao-wang", { text: "公司一直不签合同我能要什么赔偿" }),
    );
    expect(notice).toMatch(/我是机器助手，不是真人/u);
    const text = answer.join("\n");
    expect(text).toMatch(/《劳动合同法》第八十二条/u);
    expect(text).toMatch(/\[1\].*\n.*\[1\].*《劳动合同法》/su);
    expect(text).not.toMatch(/<a |&lt;|\*\*/u);
    for (const part of answer) expect(Buffer.byteLength(part)).toBeLessThanOrEqual(3_900);
  });

  it("is answered once, although the gateway tells of the message twice", async () => {
    let id = "";
    const [, answer] = await sentAfter("xiao-li", 2, async () => {
      id = await write("xiao-li", { text: "婚假有几天" });
      await gateway.do("replay", id);
    });
    expect(answer).toContain("婚假");
    await gateway.do("replay", id);
    const [next] = await sentAfter("xiao-li", 1, () => write("xiao-li", { text: "谢谢" }));
    expect(await sentTo("xiao-li")).toEqual([expect.anything(), answer, next]);
  });

  it("sends an image and is told that it is kept", async () => {
    const file = { name: "工资条.jpg", base64: photo.toString("base64") };
    const [reply] = await sentAfter("lao-wang", 1, () => write("lao-wang", { type: 6, file }));
    expect(reply).toMatch(/照片收到了，已经替您存好/u);
  });

  it("sends a page as an image, and it is not kept", async () => {
    const file = { name: "x.jpg", base64: Buffer.from("<html><script>alert(1)</script>").toString("base64") };
    const [reply] = await sentAfter("lao-wang", 1, () => write("lao-wang", { type: 6, file }));
    expect(reply).toMatch(/照片可能带病毒.*没有收/u);
  });

  it("chooses by number where Telegram would have buttons, and is forgotten", async () => {
    await sentAfter("xiao-li", 1, () => write("xiao-li", { text: "人工" }));
    const [asked] = await sentAfter("xiao-li", 1, () => write("xiao-li", { text: "/forget" }));
    expect(asked).toMatch(/1.*确认删除.*\n.*2.*先不删/su);
    const [kept] = await sentAfter("xiao-li", 1, () => write("xiao-li", { text: "2" }));
    expect(kept).toMatch(/什么都没有删/u);
    await sentAfter("xiao-li", 1, () => write("xiao-li", { text: "删除我的信息" }));
    const [receipt] = await sentAfter("xiao-li", 1, () => write("xiao-li", { text: "1" }));
    expect(receipt).toMatch(/已经删掉了/u);
  });

  it("is answered in a room of 500 only when they mention the account", async () => {
    const inRoom = { roomId: room, listenerId: "" };
    const before = (await report()).asked;
    await write("lao-wang", { text: "年休假一年有几天", ...inRoom });
    const mention = { mentionIdList: ["self"], ...inRoom };
    const [answer] = await sentAfter(room, 1, () =>
      write("lao-wang", { text: "@工会小助手\u2005产假有多少天", ...mention }),
    );
    expect(answer).toMatch(/^@工友lao-wang\u2005.*98天/su);
    const [invitation] = await sentAfter(room, 1, () =>
      write("lao-wang", { text: "@工会小助手\u2005老板欠我三个月工资怎么办", ...mention }),
    );
    expect(invitation).toMatch(/群里大家都看得见/u);
    expect(await sentTo(room)).toHaveLength(2);
    const { asked } = await report();
    expect((asked.contactPayload ?? 0) - (before.contactPayload ?? 0)).toBeLessThan(10);
  });

  it("who asks for friendship is accepted", async () => {
    await gateway.do("friendRequest", { id: "f1", contactId: "xiao-li", type: 2 });
    await expect.poll(async () => (await report()).accepted, patience).toEqual(["f1"]);
  });

  it("gets what was to be sent once, when the gateway comes back", async () => {
    const turns = () => site.logged("a turn ended").length;
    const before = turns();
    await gateway.do("sendMode", { error: "not logged in" });
    await write("lao-wang", { text: "年休假一年有几天" });
    // Answered, and not to be handed over.
    await expect.poll(turns, patience).toBe(before + 1);
    expect((await sentTo("lao-wang")).some((text) => text.includes("年休假"))).toBe(false);
    await gateway.kill();
    await expect.poll(health, patience).toBe("down");
    gateway = await startGateway(gateway);
    await expect.poll(async () => (await sentTo("lao-wang")).length, patience).toBe(1);
    expect((await sentTo("lao-wang"))[0]).toContain("《职工带薪年休假条例》");
    // Whatever else waited would come before the answer to this.
    const [next] = await sentAfter("lao-wang", 1, () => write("lao-wang", { text: "谢谢" }));
    expect(await sentTo("lao-wang")).toEqual([expect.stringContaining("年休假"), next]);
    expect(await health()).toBe("ready");
  });

  describe("leaves in the database", () => {
    let remains: Remains;
    beforeAll(async () => {
      remains = await site.remains();
    });

    it("the image with hash, size and type, and its bytes", () => {
      const photos = remains.rows("attachments").filter(({ kind }) => kind === "photo");
      expect(photos.find(({ state }) => state === "stored")).toMatchObject({
        hash: createHash("sha256").update(photo).digest("hex"),
        mime_type: "image/jpeg",
        name: "工资条.jpg",
      });
      expect(photos.filter(({ state }) => state === "refused")).toHaveLength(1);
      expect(remains.files.map((bytes) => bytes.equals(photo))).toEqual([true]);
    });

    it("nothing of the one who wanted to be forgotten", () => {
      expect(remains.everything).toContain("lao-wang");
      expect(remains.everything).not.toContain("xiao-li");
      expect(remains.rows("messages").map(({ text }) => text)).not.toContain("删除我的信息");
      expect(remains.rows("hand_over_requests")).toEqual([]);
    });

    it("every message once, answered, and nothing that waits", () => {
      const received = remains.rows("messages").filter(({ sender }) => sender === "contact");
      expect(new Set(received.map(({ external_id }) => external_id)).size).toBe(received.length);
      expect(received.filter(({ answered_at }) => answered_at === null)).toEqual([]);
      expect(new Set(remains.rows("deliveries").map(({ state }) => state))).toEqual(new Set(["sent"]));
    });

    it("and in the log neither names nor words nor the gateway's token", () => {
      for (const secret of ["lao-wang", "工友", "赔偿", gateway.token])
        expect(site.linesWith(secret)).toEqual([]);
    });
  });
});
