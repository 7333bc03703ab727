import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  failureOf,
  type MemoryService,
  openVisitor,
  startMemoryService,
  type Visitor,
} from "./memory-service.ts";

let service: MemoryService;
let visitor: Visitor;

beforeAll(async () => {
  service = await startMemoryService();
  visitor = await openVisitor(service.url);
});

afterAll(() => service.server.stop(0));

const jpeg = () => Uint8Array.of(255, 216, 255, 1, 2, 3);
const stored = (conversationId = visitor.conversationId) =>
  service.conversations.messagesAfter(conversationId, 0, 1_000);
const uploaded = async (one = visitor) => ((await (await one.upload(jpeg())).json()) as { id: string }).id;

describe("a message", () => {
  it("goes to the inbox once, however often it is sent", async () => {
    const [first, again] = [
      await visitor.say("工资没发", [], "same"),
      await visitor.say("工资没发", [], "same"),
    ];
    expect([first.status, again.status]).toEqual([202, 200]);
    expect(await again.json()).toEqual(await first.json());
    expect((await stored()).filter(({ text }) => text === "工资没发")).toHaveLength(1);
  });

  it("is pending until its turn has ended, and a reply brings its quick replies", async () => {
    const own = await openVisitor(service.url);
    await own.say("要赔偿");
    expect(await (await own.get("/api/messages")).json()).toMatchObject({ pending: true });
    service.conversations.answer(own.conversationId, [
      { sender: "bot", text: "在哪个区？", quickReplies: ["渝北", "江北"] },
    ]);
    expect(await (await own.get("/api/messages")).json()).toMatchObject({
      pending: false,
      messages: [{}, { text: "在哪个区？", quickReplies: ["渝北", "江北"] }],
    });
  });

  it("shows nothing of an attachment that the page has no use for", async () => {
    const own = await openVisitor(service.url);
    const id = await uploaded(own);
    const { message } = (await (await own.say("工资条", [id])).json()) as {
      message: Record<string, unknown>;
    };
    expect(message.attachments).toEqual([{ id, kind: "photo", state: "stored", size: 6 }]);
  });
});

describe("a message with files", () => {
  it("needs no text, and keeps the order of its files", async () => {
    const ids = [await uploaded(), await uploaded(), await uploaded()];
    const response = await visitor.say(" \u200b ", ids);
    expect(response.status).toBe(202);
    const { message } = (await response.json()) as {
      message: { text: string; attachments: { id: string }[] };
    };
    expect(message.text).toBe("");
    expect(message.attachments.map(({ id }) => id)).toEqual(ids);
  });

  it("is the same message when it is sent again", async () => {
    const id = await uploaded();
    const first = await visitor.say("看图", [id], "with-file");
    const again = await visitor.say("看图", [id], "with-file");
    expect([first.status, again.status]).toEqual([202, 200]);
    expect(await again.json()).toEqual(await first.json());
  });

  it.each([
    ["is made up", async () => "00000000-0000-4000-8000-000000000000"],
    ["is another visitor's", async () => uploaded(await openVisitor(service.url))],
  ])("whose id %s is refused whole", async (_name, makeId) => {
    const before = await stored();
    const response = await visitor.say("看图", [await uploaded(), await makeId()]);
    expect(await failureOf(response)).toEqual({
      status: 404,
      code: "files.gone",
      message: "有的附件找不到了，请重新添加再发。",
    });
    expect(await stored()).toEqual(before);
  });

  it("that is still on its way is refused", async () => {
    await service.uploads.announceUpload(visitor.conversationId, { id: "half", kind: "photo" });
    expect((await visitor.say("看图", ["half"])).status).toBe(404);
  });

  it.each([
    ["ten", Array.from({ length: 10 }, (_, index) => `a${index}`)],
    ["one twice", ["a", "a"]],
    ["a path", ["../a"]],
    ["a number", [7]],
    ["an object", { 0: "a" }],
    ["null", null],
  ])("with %s is a bad request", async (_name, attachments) => {
    const response = await visitor.post("/api/messages", { clientId: "x", text: "看图", attachments });
    expect(await failureOf(response)).toMatchObject({ status: 400, code: "http.bad_request" });
  });
});

describe("what the visitor has", () => {
  const acknowledged = (conversationId: string) =>
    service.conversations.acknowledged
      .filter((one) => one.conversationId === conversationId)
      .map(({ seq }) => seq);

  it("is confirmed by the page, by the cursor of a list and by that of a stream, each place once", async () => {
    const own = await openVisitor(service.url);
    expect((await own.post("/api/receipts", { seq: 3 })).status).toBe(204);
    await own.get("/api/messages?after=0");
    await own.get("/api/messages?after=5");
    await own.get("/api/messages?after=5");
    const stream = await own.get("/api/events?after=5", { "last-event-id": "7" });
    await stream.body?.cancel();
    await fetch(`${service.url}/api/events?after=9`, {
      method: "HEAD",
      headers: { authorization: own.authorization },
    });
    expect(acknowledged(own.conversationId)).toEqual([3, 5, 7]);
  });

  it.each([-1, 1.5, "3", null, 1e300])("cannot be %s", async (seq) => {
    expect((await visitor.post("/api/receipts", { seq })).status).toBe(400);
  });

  it("is nobody else's to confirm", async () => {
    const response = await fetch(`${service.url}/api/receipts`, {
      method: "POST",
      body: '{"seq":1}',
      headers: { "content-type": "application/json" },
    });
    expect(await failureOf(response)).toMatchObject({ status: 401, code: "channel.unknown_visitor" });
  });
});

describe("a visitor whose conversation was deleted", () => {
  it("hears it with the first thing they send, and from then on everywhere", async () => {
    const own = await openVisitor(service.url);
    await own.say("在吗");
    service.conversations.delete(own.conversationId);
    expect(await failureOf(await own.say("还在吗"))).toMatchObject({ status: 401 });
    expect((await own.get("/api/messages")).status).toBe(401);
    expect((await own.upload(jpeg())).status).toBe(401);
  });

  it("sees the stream end at the next sign of life", async () => {
    let at = Date.now();
    const quick = await startMemoryService({ channel: { heartbeatMs: 5, now: () => new Date(at) } });
    const own = await openVisitor(quick.url);
    const stream = await own.get("/api/events");
    quick.conversations.delete(own.conversationId);
    at += 30_000;
    expect(await stream.text()).toMatch(/: heartbeat\n\n$/);
    expect((await own.get("/api/events")).status).toBe(401);
    await quick.server.stop(0);
  });
});

describe("the channel", () => {
  it("says what it can do and how it is", async () => {
    const { web } = await startMemoryService().then(async (own) => {
      await own.server.stop(0);
      return own;
    });
    expect(web).toMatchObject({
      name: "web",
      exclusive: false,
      capabilities: { confirms: true, sources: "page" },
    });
    expect(web.sender).toBeUndefined();
    expect(web.health()).toMatchObject({ state: "ready", since: expect.stringMatching(/^\d{4}-/) });
    await web.stop();
    expect(web.health()).toMatchObject({ state: "down" });
  });
});
