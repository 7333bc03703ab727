import { expect, test } from "vitest";
import { bytesOf, outcomeOf, partsOf } from "../../../../src/channels/wechat/send.ts";
import { longestMarks, withMarks } from "../../../../src/channels/wechat/texts.ts";
import type { StoredMessage } from "../../../../src/messaging/message.ts";

const message = (more: Partial<StoredMessage>): StoredMessage => ({
  id: "m1",
  conversationId: "c1",
  seq: 1,
  sender: "bot",
  text: "可以投诉。",
  createdAt: "2026-11-21T12:00:00Z",
  ...more,
});

const answer = {
  state: "grounded" as const,
  text: "可以投诉。",
  citations: [
    { index: 1, chunkId: "k", document: "欠薪指南", section: "一", source: "劳动法第五十条", quote: "" },
  ],
  provenance: [],
  handOver: "none" as const,
  facts: {},
  missing: [],
  calculation: null,
};

test("sources stand as footnotes, choices as numbers", () => {
  const [part, ...more] = partsOf(message({ answer, quickReplies: ["转人工", "不用了"] }), 2_048);
  expect(more).toEqual([]);
  expect(part?.text).toContain("来源：\n[1] 欠薪指南（依据：劳动法第五十条）");
  expect(part?.text).toContain("1. 转人工\n2. 不用了");
});

test("a long Chinese text is cut at sentence ends by its bytes, not by its characters", () => {
  const text = "用人单位应当按月支付工资。".repeat(100);
  const parts = partsOf(message({ text }), 600).map((part) => part.text);
  expect(parts.length).toBeGreaterThan(6);
  expect(parts.every((part) => bytesOf(part) <= 600 && part.endsWith("。"))).toBe(true);
  expect(parts.join("")).toBe(text);
});

test("what a mediator wrote says that a person wrote it", () => {
  expect(partsOf(message({ sender: "mediator", text: "我是小李。" }), 600)).toEqual([
    { text: "【调解员】\n我是小李。" },
  ]);
});

test("half a character and a text of nothing are sent as something", () => {
  expect(partsOf(message({ text: "好\uD83D" }), 600)).toEqual([{ text: "好\uFFFD" }]);
  expect(partsOf(message({ text: " " }), 600)).toEqual([{ text: "…" }]);
});

test("a repeat and a late reply are marked in the language of the text, within the room that is kept free", () => {
  const both = { repeat: true, late: true };
  expect(withMarks("可以投诉。", both)).toMatch(/来晚了[\s\S]*发过一遍[\s\S]*\n可以投诉。$/);
  expect(withMarks("You can complain.", both)).toMatch(
    /late reply[\s\S]*already[\s\S]*\nYou can complain\.$/,
  );
  for (const text of ["好", "ok"]) {
    expect(bytesOf(withMarks(text, both)) - bytesOf(text)).toBeLessThanOrEqual(longestMarks - 32);
  }
  expect(withMarks("好", { repeat: false, late: false })).toBe("好");
});

test.each([
  [{ code: 14, details: "No connection established. Last error: connect ECONNREFUSED" }, "retry"],
  [{ code: 14, details: "Name resolution failed for target dns:gateway" }, "retry"],
  [{ code: 14, details: "Connection dropped" }, "unknown"],
  [{ code: 14, details: "read ECONNRESET" }, "unknown"],
  [{ code: 16, details: "Invalid Wechaty TOKEN" }, "retry"],
  [{ code: 4, details: "Deadline exceeded" }, "unknown"],
  [{ code: 2, details: "not logged in" }, "retry"],
  [{ code: 2, details: "你还不是他（她）朋友" }, "unreachable"],
  [{ code: 2, details: "server busy" }, "unknown"],
  [new DOMException("too slow", "TimeoutError"), "unknown"],
  [new Error("no grpc manager"), "retry"],
  [undefined, "unknown"],
])("an error says what is known of the message: %o", (error, state) => {
  expect(outcomeOf(error).state).toBe(state);
});

test("no reason carries what the gateway wrote", () => {
  const secrets = { code: 2, details: "token insecure_123 of wxid_9", message: "13800000000" };
  expect(JSON.stringify(outcomeOf(secrets))).not.toMatch(/insecure|wxid|138/);
});
