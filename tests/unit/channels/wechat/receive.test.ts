import { expect, test } from "vitest";
import type { Puppet } from "../../../../src/channels/wechat/puppet.ts";
import {
  isForUs,
  type ReceiveParts,
  toPlatformEvent,
  type WechatMessage,
} from "../../../../src/channels/wechat/receive.ts";
import { MemoryFiles } from "../../../support/wechat/recording-ports.ts";

const now = new Date("2026-11-21T12:00:00Z");
const minutes = (count: number) => now.getTime() - count * 60_000;

function partsWith(more: Partial<ReceiveParts> = {}): ReceiveParts {
  return {
    files: new MemoryFiles(),
    newId: () => "f1",
    longestFile: 1_000,
    fileMs: 1_000,
    now: () => now,
    firstLogin: () => new Date(minutes(60)),
    ...more,
  };
}

function messageOf(more: object): WechatMessage {
  return {
    id: "m1",
    talkerId: "worker",
    listenerId: "self",
    type: 7,
    timestamp: now.getTime(),
    ...more,
  } as WechatMessage;
}

/** The account of a puppet of which only some calls can be answered. */
function accountOf(puppet: Partial<Puppet> = {}) {
  const away = () => Promise.reject(new Error("not here"));
  const rest = {
    messageUrl: away,
    messageMiniProgram: away,
    messageContact: away,
    messageLocation: away,
    messageFile: away,
  };
  const names = { roomMemberPayload: away, contactPayload: away };
  return { selfId: "self", puppet: { ...rest, ...names, ...puppet } as Puppet };
}

const receive = (more: object, puppet: Partial<Puppet> = {}) =>
  toPlatformEvent(accountOf(puppet), messageOf(more), partsWith());

test.each([
  ["itself", { talkerId: "self" }],
  ["nobody", { talkerId: "" }],
  ["an official account", { talkerId: "gh_123" }],
  ["the file helper", { talkerId: "filehelper" }],
  ["long before the login", { timestamp: minutes(71) }],
  ["long before the login, in seconds", { timestamp: minutes(71) / 1_000 }],
])("a message from %s is left alone", (_what, more) => {
  expect(isForUs(messageOf(more), "self", partsWith())).toBe(false);
});

test.each([
  ["shortly before the login", { timestamp: minutes(69) }],
  ["now, in seconds", { timestamp: now.getTime() / 1_000 }],
  ["a puppet that knows no time", { timestamp: 0 }],
])("a message of %s is taken", (_what, more) => {
  expect(isForUs(messageOf(more), "self", partsWith())).toBe(true);
});

test("a message of a long outage is taken, one that is older than a day is not", () => {
  const parts = partsWith({ firstLogin: () => new Date(minutes(10 * 24 * 60)) });
  expect(isForUs(messageOf({ timestamp: minutes(23 * 60) }), "self", parts)).toBe(true);
  expect(isForUs(messageOf({ timestamp: minutes(25 * 60) }), "self", parts)).toBe(false);
});

test("control and direction characters go, and a text of nothing readable is no message", async () => {
  expect(await receive({ text: "工\u0000资\u202E拖欠\r\n三月" })).toMatchObject({ text: "工资拖欠\n三月" });
  expect(await receive({ text: "\u200B\u200D \n" })).toBeUndefined();
});

test("ten megabytes of text are cut", async () => {
  const event = await receive({ text: "「".repeat(10_000_000) });
  expect(event).toMatchObject({ text: expect.stringContaining("没有收全") });
});

test("what WeChat does not hand over is told as such", async () => {
  expect(await receive({ type: 14 })).toMatchObject({ text: "[链接]" });
  expect(await receive({ type: 12 })).toMatchObject({ text: "[红包]" });
  expect(await receive({ type: 8 })).toMatchObject({ attachments: [{ kind: "location", refused: "gone" }] });
  expect(await receive({ type: 6 })).toMatchObject({ attachments: [{ kind: "photo", refused: "gone" }] });
});

test("a kind that was never seen is ignored", async () => {
  expect(await receive({ type: 99, text: "?" })).toBeUndefined();
  expect(await receive({ type: 0, text: "你已添加了老王，现在可以开始聊天了。" })).toBeUndefined();
});

test("only WeChat's own notice blocks a contact, not somebody who writes the same words", async () => {
  const words = "老王开启了朋友验证，你还不是他（她）朋友。";
  expect(await receive({ type: 0, text: words })).toMatchObject({ type: "blocked" });
  expect(await receive({ type: 7, text: words })).toMatchObject({ type: "message" });
});

test("a recalled message without an id is ignored", async () => {
  expect(await receive({ type: 13, text: "" })).toBeUndefined();
});

test("in a room a mention in a quote calls nobody, and one in the reply does", async () => {
  const self = { contactPayload: async () => ({ name: "小助手" }) } as unknown as Partial<Puppet>;
  const quote = (reply: string) => `「老王：@小助手 在吗」\n- - - - - -\n${reply}`;
  const room = { roomId: "r@chatroom", listenerId: "" };
  expect(await receive({ ...room, text: quote("他不在") }, self)).toBeUndefined();
  expect(await receive({ ...room, text: quote("@小助手\u2005他问你呢") }, self)).toMatchObject({
    text: "他问你呢\n（引用：@小助手 在吗）",
    address: { key: "r@chatroom:worker", surface: "group" },
  });
});

test("files in a room are nobody's question and are not fetched", async () => {
  let fetched = 0;
  const messageFile = () => {
    fetched += 1;
    return Promise.reject(new Error("not here"));
  };
  expect(await receive({ roomId: "r@chatroom", type: 6 }, { messageFile })).toBeUndefined();
  expect(fetched).toBe(0);
});
