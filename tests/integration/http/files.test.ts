import { createHash } from "node:crypto";
import { sign } from "hono/jwt";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { TurnHandler } from "../../../src/messaging/turn-handler.ts";
import type { Database } from "../../../src/storage/database.ts";
import { forEachDatabase } from "../../support/databases.ts";
import { htmlAsPhoto, makeJpeg, makePng, makeWav, pngBomb } from "../../support/sample-media.ts";
import { openVisitor, type Service, startService, type Visitor } from "./service.ts";

const identityKey = "a shared secret of more than 32 characters";
const patiently = { timeout: 20_000 };
const identity = (sub: string) =>
  sign({ sub, exp: Math.floor(Date.now() / 1_000) + 600, aud: "niangjia" }, identityKey, "HS256");

forEachDatabase((_name, open) => {
  let database: Database;
  let service: Service;
  let visitor: Visitor;
  let handle: TurnHandler["handle"];

  beforeEach(async () => {
    handle = async () => ({ replies: [{ sender: "bot", text: "收到", quickReplies: ["好", "不好"] }] });
    database = await open();
    service = await startService({
      database,
      handler: { handle: (...args) => handle(...args) },
      channel: { identityKey, heartbeatMs: 20 },
    });
    visitor = await openVisitor(service.url);
  });

  afterEach(() => service.stop(5_000));

  const upload = async (bytes: Buffer, kind = "photo", name = "", own = visitor) => {
    const response = await fetch(`${service.url}/api/files?kind=${kind}`, {
      method: "POST",
      headers: { authorization: `Bearer ${own.token}`, "x-file-name": encodeURIComponent(name) },
      body: new Uint8Array(bytes),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const say = (text: string, attachments: readonly unknown[], own = visitor) =>
    own.send("/api/messages", JSON.stringify({ clientId: crypto.randomUUID(), text, attachments }));
  const messages = async (own = visitor) =>
    ((await (await own.get("/api/messages")).json()) as { messages: Record<string, unknown>[] }).messages;

  it("a photo is kept with its hash, sent with a message, answered with a choice, and comes back whole", async () => {
    const photo = makeJpeg(1_200, 800);
    const { status, body } = await upload(photo, "photo", "工资条.jpg");
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.any(String),
      hash: createHash("sha256").update(photo).digest("hex"),
      size: photo.length,
    });
    expect((await say("看图", [body.id])).status).toBe(202);
    await expect.poll(async () => (await messages()).length, patiently).toBe(2);
    expect(await messages()).toMatchObject([
      {
        text: "看图",
        attachments: [
          { id: body.id, kind: "photo", state: "stored", name: "工资条.jpg", size: photo.length },
        ],
      },
      { text: "收到", quickReplies: ["好", "不好"] },
    ]);
    const back = await visitor.get(`/api/files/${body.id}`);
    expect(back.headers.get("content-type")).toBe("image/jpeg");
    expect(Buffer.from(await back.arrayBuffer()).equals(photo)).toBe(true);
  });

  it("what is no photo, a bomb, a program or too large is refused in plain words, and leaves nothing", async () => {
    const rows = () => database.db.selectFrom("attachments").select("id").execute();
    for (const [bytes, kind, code, line] of [
      [htmlAsPhoto, "photo", "http.unsupported_media_type", "不安全"],
      [Buffer.from("MZ\u0000\u0000program"), "file", "http.unsupported_media_type", "不安全"],
      [pngBomb, "photo", "files.too_large", "图片的尺寸太大"],
      [makeWav(), "photo", "http.unsupported_media_type", "打不开"],
      [Buffer.concat([makePng(4, 4), Buffer.alloc(1024 * 1024)]), "photo", "files.too_large", "1MB"],
    ] as const) {
      const { body } = await upload(bytes, kind);
      expect(body).toMatchObject({ error: { code, message: expect.stringContaining(line) } });
    }
    expect(await rows()).toEqual([]);
    expect((await upload(makeWav(), "voice", "录音.wav")).status).toBe(201);
  });

  it("another visitor's file can neither be sent, nor opened, nor stolen by sending it first", async () => {
    const stranger = await openVisitor(service.url);
    const { id } = (await upload(makeJpeg(10, 10))).body;
    expect((await say("偷来的", [id], stranger)).status).toBe(404);
    expect((await stranger.get(`/api/files/${id}`)).status).toBe(404);
    expect(await messages(stranger)).toEqual([]);
    expect((await say("我的", [id])).status).toBe(202);
    expect((await messages())[0]).toMatchObject({ attachments: [{ id }] });
  });

  it("a file belongs to one message, and a message sent again is the same one", async () => {
    const { id } = (await upload(makeJpeg(10, 10))).body;
    const body = JSON.stringify({ clientId: "same", text: "看图", attachments: [id] });
    const first = await visitor.send("/api/messages", body);
    const again = await visitor.send("/api/messages", body);
    expect([first.status, again.status]).toEqual([202, 200]);
    expect(await again.json()).toEqual(await first.json());
    await say("再用一次", [id]);
    const withFile = (await messages()).filter(({ attachments }) => attachments !== undefined);
    expect(withFile.map(({ text }) => text)).toEqual(["看图"]);
  });

  it("a visitor who is logged in elsewhere finds messages and files again on another phone", async () => {
    const begin = async () => {
      const response = await fetch(`${service.url}/api/visitors`, {
        method: "POST",
        body: JSON.stringify({ identity: await identity("worker-7"), from: "app" }),
        headers: { "content-type": "application/json" },
      });
      return (await response.json()) as { token: string; conversationId: string };
    };
    const [first, second] = await Promise.all([begin(), begin()]);
    expect(second.conversationId).toBe(first.conversationId);
    const { body } = await upload(makeJpeg(10, 10), "photo", "", { ...visitor, token: first.token });
    const headers = { authorization: `Bearer ${second.token}` };
    expect((await fetch(`${service.url}/api/files/${body.id}`, { headers })).status).toBe(200);
    expect(await service.conversations.find(first.conversationId)).toMatchObject({ origin: "app" });
  });

  it("what was shown counts as delivered, and nothing else", async () => {
    const states = async () =>
      (await database.db.selectFrom("deliveries").select(["seq", "state"]).orderBy("seq").execute()).map(
        ({ state }) => state,
      );
    await visitor.say("一");
    await expect.poll(async () => (await messages()).length, patiently).toBe(2);
    expect(await states()).toEqual(["queued"]);
    const seq = Number((await messages())[1]?.seq);
    await visitor.send("/api/receipts", JSON.stringify({ seq: seq - 1 }));
    expect(await states()).toEqual(["queued"]);
    expect((await visitor.send("/api/receipts", JSON.stringify({ seq }))).status).toBe(204);
    expect(await states()).toEqual(["sent"]);
    await visitor.say("二");
    await expect.poll(async () => (await messages()).length, patiently).toBe(4);
    await visitor.get(`/api/messages?after=${(await messages())[3]?.seq}`);
    expect(await states()).toEqual(["sent", "sent"]);
  });

  it("a contact who asks to be forgotten gets the receipt, and their messages and files are gone", async () => {
    const { id } = (await upload(makeJpeg(10, 10))).body;
    await say("看图", [id]);
    await expect.poll(async () => (await messages()).length, patiently).toBe(2);
    handle = async () => ({ replies: [{ sender: "system", text: "已删除，回执号7" }], forget: true });
    await visitor.say("删除我的信息");
    await expect
      .poll(async () => (await messages()).map(({ text }) => text), patiently)
      .toEqual(["已删除，回执号7"]);
    expect((await visitor.get(`/api/files/${id}`)).status).toBe(404);
  });
});
