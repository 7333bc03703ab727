import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { WechatChannel } from "../../../src/channels/wechat/channel.ts";
import type { PlatformEvent } from "../../../src/messaging/platform-event.ts";
import { WechatGateway } from "../../support/wechat/gateway.ts";
import { openChannel } from "../../support/wechat/open-channel.ts";
import {
  MemoryFiles,
  RecordingInbox,
  recordingLogger,
  sha256,
  storeAway,
  until,
} from "../../support/wechat/recording-ports.ts";

const marks = { repeat: false, late: false };
const signal = AbortSignal.timeout(100_000);
const worker = { key: "worker", surface: "private", data: { contactId: "worker" } } as const;

let home: string;
let gateway: WechatGateway;
let channel: WechatChannel;
const inbox = new RecordingInbox();
const files = new MemoryFiles();
const logger = recordingLogger();
let realHome: string | undefined;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "wechat-"));
  realHome = process.env.HOME;
  process.env.HOME = home;
  gateway = await WechatGateway.start();
  await gateway.do("contact", { id: "worker", name: "老王" });
  const members = Array.from({ length: 500 }, (_, index) => `member-${index}`);
  for (const id of members) await gateway.do("contact", { id, name: `工友${id}` });
  await gateway.do("room", {
    id: "big@chatroom",
    memberIds: ["self", ...members],
    aliases: { self: "工会小助手" },
  });
  channel = await openChannel({
    gateway,
    inbox,
    files,
    logger,
    longestFile: 100_000,
    waits: { fileMs: 400 },
  });
  await channel.start();
  await until("the login", () => channel.health().state === "ready");
});

afterAll(async () => {
  await channel?.stop();
  await gateway?.kill();
  if (realHome === undefined) delete process.env.HOME;
  else process.env.HOME = realHome;
  await rm(home, { recursive: true, force: true });
});

/** The event of a message, as soon as it is stored. */
async function received(id: string): Promise<Extract<PlatformEvent, { type: "message" }>> {
  const find = () => inbox.events.find((event) => event.type === "message" && event.externalId === id);
  await until(`message ${id}`, () => find() !== undefined);
  return find() as Extract<PlatformEvent, { type: "message" }>;
}

test("a private text comes in with its sender and its id", async () => {
  await gateway.do("message", { id: "m1", text: "工资拖了三个月" });
  expect(await received("m1")).toEqual({
    type: "message",
    address: worker,
    externalId: "m1",
    text: "工资拖了三个月",
  });
});

test("a message that the gateway tells of twice is handed in once", async () => {
  await gateway.do("message", { id: "twice", text: "一次" });
  await gateway.do("replay", "twice");
  await gateway.do("message", { id: "after-twice", text: "之后" });
  await received("after-twice");
  expect(
    inbox.events.filter((event) => event.type === "message" && event.externalId === "twice"),
  ).toHaveLength(1);
});

test("an image is kept at receipt, with its hash", async () => {
  const bytes = Buffer.alloc(50_000, "pay slip ");
  await gateway.do("message", {
    id: "photo",
    type: 6,
    file: { name: "slip.jpg", base64: bytes.toString("base64") },
  });
  const [attachment] = (await received("photo")).attachments ?? [];
  expect(attachment).toMatchObject({
    kind: "photo",
    name: "slip.jpg",
    stored: { hash: sha256(bytes), size: 50_000 },
  });
  expect(files.kept.get(attachment?.stored?.id ?? "")).toEqual(bytes);
});

test("a voice is told as Silk", async () => {
  const base64 = Buffer.from("#!SILK_V3").toString("base64");
  await gateway.do("message", { id: "voice", type: 2, file: { name: "1.sil", base64 } });
  expect((await received("voice")).attachments?.[0]).toMatchObject({ kind: "voice", mimeType: "audio/silk" });
});

test("a file beyond the limit is refused and nothing of it stays", async () => {
  const kept = files.kept.size;
  const base64 = Buffer.alloc(100_001).toString("base64");
  await gateway.do("message", { id: "large", type: 1, file: { name: "large.zip", base64 } });
  expect((await received("large")).attachments?.[0]).toMatchObject({ kind: "file", refused: "too_large" });
  expect(files.kept.size).toBe(kept);
});

test("a file that is announced as too large is not even fetched", async () => {
  const base64 = Buffer.from("small").toString("base64");
  await gateway.do("message", {
    id: "huge",
    type: 15,
    file: { name: "huge.mp4", base64, announced: 2 ** 31 },
  });
  expect((await received("huge")).attachments).toEqual([
    { kind: "video", name: "huge.mp4", mimeType: "video/mp4", size: 2 ** 31, refused: "too_large" },
  ]);
});

test("a file that hangs is given up, and what the contact wrote after it follows in order", async () => {
  await gateway.do("message", { id: "hanging", type: 6, file: "hang" });
  await gateway.do("message", { id: "behind", text: "看到照片了吗" });
  await received("behind");
  const ids = inbox.events.flatMap((event) => (event.type === "message" ? event.externalId : []));
  expect(ids.slice(-2)).toEqual(["hanging", "behind"]);
  expect((await received("hanging")).attachments?.[0]).toEqual({ kind: "photo", refused: "timeout" });
});

test("another contact does not wait for a file that hangs", async () => {
  await gateway.do("message", { id: "slow", type: 6, file: "hang" });
  await gateway.do("message", { id: "quick", text: "在吗", talkerId: "member-1" });
  await received("slow");
  const ids = inbox.events.flatMap((event) => (event.type === "message" ? event.externalId : []));
  expect(ids.indexOf("quick")).toBeLessThan(ids.indexOf("slow"));
});

test("a place comes with its coordinates, although the protocol's client drops them", async () => {
  await gateway.do("place", { id: "place", latitude: 29.5, longitude: 106.5, name: "工地" });
  await gateway.do("message", { id: "place", type: 8 });
  expect((await received("place")).attachments).toEqual([
    { kind: "location", location: { latitude: 29.5, longitude: 106.5, name: "工地" } },
  ]);
});

test("a link, a mini program and a card are told in words", async () => {
  await gateway.do("title", { id: "link", title: "欠薪怎么办" });
  await gateway.do("message", { id: "link", type: 14 });
  await gateway.do("title", { id: "program", title: "随申办" });
  await gateway.do("message", { id: "program", type: 9 });
  await gateway.do("message", { id: "card", type: 3 });
  await received("card");
  expect(inbox.texts.slice(-3)).toEqual(["[链接] 欠薪怎么办", "[小程序] 随申办", "[名片] 娘家人"]);
});

test("a recalled message is deleted, and a contact who ended the friendship is blocked", async () => {
  await gateway.do("message", { id: "recall", type: 13, text: "m1" });
  await gateway.do("message", { id: "refused", type: 0, text: "老王开启了朋友验证，你还不是他（她）朋友。" });
  await until("both", () => inbox.events.some(({ type }) => type === "blocked"));
  expect(inbox.events.slice(-2)).toEqual([
    { type: "deleted", address: worker, externalId: "m1" },
    { type: "blocked", address: worker },
  ]);
});

test("its own messages, WeChat's own accounts and messages from long ago are left alone", async () => {
  const before = inbox.events.length;
  await gateway.do("message", { id: "own", text: "我自己", talkerId: "self" });
  await gateway.do("message", { id: "push", text: "今日推送", talkerId: "gh_abc" });
  await gateway.do("message", { id: "old", text: "登录以前", timestamp: Date.now() - 3_600_000 });
  await gateway.do("message", { id: "fresh", text: "现在" });
  await received("fresh");
  expect(inbox.texts.slice(-1)).toEqual(["现在"]);
  expect(inbox.events).toHaveLength(before + 1);
});

test("in a room of 500 only a mention counts, and hardly anybody of the room is asked for", async () => {
  const room = { roomId: "big@chatroom", talkerId: "member-7", listenerId: "" };
  const before = (await gateway.do("report")).asked;
  await gateway.do("message", { id: "chat", text: "今天好热", ...room });
  await gateway.do("message", { id: "all", text: "@所有人\u2005开会", mentionIdList: ["self"], ...room });
  await gateway.do("message", {
    id: "asked",
    text: "@工会小助手\u2005工伤怎么报",
    mentionIdList: ["self"],
    ...room,
  });
  expect(await received("asked")).toEqual({
    type: "message",
    address: {
      key: "big@chatroom:member-7",
      surface: "group",
      data: { roomId: "big@chatroom", contactId: "member-7" },
    },
    externalId: "asked",
    text: "工伤怎么报",
  });
  await gateway.do("message", { id: "called", text: "@工会小助手", ...room });
  expect((await received("called")).text).toBe("/help");
  expect(inbox.texts).not.toContain("今天好热");
  expect(inbox.texts).not.toContain("开会");
  const { asked } = await gateway.do("report");
  const calls = (asked.contactPayload ?? 0) + (asked.roomMemberPayload ?? 0);
  expect(calls - (before.contactPayload ?? 0) - (before.roomMemberPayload ?? 0)).toBeLessThan(5);
});

test("a reply goes out as one text, in a room to the member by name", async () => {
  const sent = await channel.sender?.send(worker, { text: "可以投诉。" }, marks, signal);
  expect(sent).toEqual({ state: "sent" });
  const address = {
    key: "k",
    surface: "group",
    data: { roomId: "big@chatroom", contactId: "member-7" },
  } as const;
  await channel.sender?.send(address, { text: "请私聊我。" }, { repeat: true, late: true }, signal);
  expect((await gateway.do("report")).sent.slice(-2)).toEqual([
    { to: "worker", text: "可以投诉。", mentions: [] },
    {
      to: "big@chatroom",
      text: expect.stringMatching(/^@工友member-7\u2005（.*来晚了.*）\n（.*发过一遍.*）\n请私聊我。$/),
      mentions: ["member-7"],
    },
  ]);
});

test("a send tells what became of it", async () => {
  const send = (ms = 100_000) => channel.sender?.send(worker, { text: "在" }, marks, AbortSignal.timeout(ms));
  await gateway.do("sendMode", { error: "对方开启了朋友验证，你还不是他（她）朋友" });
  expect(await send()).toMatchObject({ state: "unreachable" });
  await gateway.do("sendMode", { error: "not logged in" });
  expect(await send()).toMatchObject({ state: "retry", scope: "channel" });
  await gateway.do("sendMode", { error: "server busy" });
  expect(await send()).toMatchObject({ state: "unknown" });
  await gateway.do("sendMode", "hang");
  expect(await send(300)).toMatchObject({ state: "unknown" });
  await gateway.do("sendMode", "ok");
  expect(await send()).toEqual({ state: "sent" });
});

test("a friend request is accepted, and a friendship says that the contact can be reached", async () => {
  await gateway.do("friendRequest", { id: "f1", contactId: "worker", type: 2 });
  await until("the acceptance", async () => (await gateway.do("report")).accepted.includes("f1"));
  await gateway.do("friendRequest", { id: "f2", contactId: "worker", type: 1 });
  await until("the event", () => inbox.events.some(({ type }) => type === "unblocked"));
  expect((await gateway.do("report")).accepted).toEqual(["f1"]);
});

test("a thousand messages at once come in whole and in order, and others are not held up", async () => {
  const ids = Array.from({ length: 1_000 }, (_, index) => `flood-${index}`);
  const telling = ids.map((id) => gateway.do("message", { id, text: id, talkerId: "member-2" }));
  await gateway.do("message", { id: "meanwhile", text: "我也在" });
  await Promise.all(telling);
  await received("flood-999");
  await received("meanwhile");
  expect(inbox.texts.filter((text) => text.startsWith("flood-"))).toEqual(ids);
});

test("while nothing can be stored the channel is degraded, and afterwards everything is stored in order", async () => {
  inbox.failure = storeAway();
  await gateway.do("message", { id: "w1", text: "一" });
  await gateway.do("message", { id: "w2", text: "二" });
  await until("the trouble", () => channel.health().state === "degraded" && inbox.attempts > 0);
  inbox.failure = undefined;
  await received("w2");
  expect(inbox.texts.slice(-2)).toEqual(["一", "二"]);
  expect(channel.health().state).toBe("ready");
});

test("nothing of contacts is written into the home folder, and no words of theirs into the log", async () => {
  expect(await readdir(home)).toEqual([]);
  const log = JSON.stringify(logger.lines);
  for (const secret of ["老王", "worker", "工资", gateway.token]) expect(log).not.toContain(secret);
});
