import { expect, test } from "vitest";
import { PassiveReplies } from "../../../../../src/channels/wechat/official-account/passive-replies.ts";

const never = new AbortController().signal;

test("a text goes into the request of its contact, once", async () => {
  const replies = new PassiveReplies();
  const [mine, other] = [replies.hold("a", 5_000, never), replies.hold("b", 5_000, never)];
  expect([replies.offer("a", "答案"), replies.offer("a", "再来")]).toEqual([true, false]);
  expect(await mine).toEqual({ state: "said", text: "答案" });
  replies.close();
  expect(await other).toEqual({ state: "let go" });
});

test("a request that is late, cut or overtaken takes no text", async () => {
  const replies = new PassiveReplies();
  expect(await replies.hold("a", 1, never)).toEqual({ state: "late" });
  const cut = new AbortController();
  const held = replies.hold("a", 5_000, cut.signal);
  cut.abort();
  expect(await held).toEqual({ state: "let go" });
  expect(replies.offer("a", "答案")).toBe(false);
  const first = replies.hold("a", 5_000, never);
  const second = replies.hold("a", 5_000, never);
  expect(await first).toEqual({ state: "let go" });
  expect(replies.offer("a", "答案")).toBe(true);
  expect(await second).toEqual({ state: "said", text: "答案" });
});

test("a closed one holds nothing until it is opened again", async () => {
  const replies = new PassiveReplies();
  replies.remember("a 1", "答案");
  replies.close();
  expect(replies.answerTo("a 1")).toBeUndefined();
  expect(await replies.hold("a", 5_000, never)).toEqual({ state: "let go" });
  replies.open();
  const held = replies.hold("a", 5_000, never);
  expect(replies.offer("a", "答案")).toBe(true);
  expect(await held).toEqual({ state: "said", text: "答案" });
});

test("what is remembered is bounded", () => {
  const replies = new PassiveReplies();
  for (let index = 0; index < 2_001; index += 1) replies.remember(`a ${index}`, "答案");
  expect([replies.answerTo("a 0"), replies.answerTo("a 1")]).toEqual([undefined, "答案"]);
  replies.close();
});
