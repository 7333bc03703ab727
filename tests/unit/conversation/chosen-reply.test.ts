import { describe, expect, it } from "vitest";
import { askedBefore, chosenReply } from "../../../src/conversation/chosen-reply.ts";
import { contactSaid, saidToContact } from "./turn-input.ts";

const asked = { quickReplies: ["确认删除", "先不删"] };

describe("a quick reply", () => {
  it.each([
    ["1", "确认删除"],
    ["１", "确认删除"],
    ["①", "确认删除"],
    ["1.", "确认删除"],
    ["1。", "确认删除"],
    ["1、", "确认删除"],
    ["(2)", "先不删"],
    ["（2）", "先不删"],
    [" ２ ", "先不删"],
    ["\u200b2", "先不删"],
  ])("is chosen by %j", (line, reply) => expect(chosenReply(line, asked)).toBe(reply));

  it.each(["0", "3", "12", "1个月", "第1", "一", "110", "", "1 2", "1.5"])("is not chosen by %j", (line) =>
    expect(chosenReply(line, asked)).toBeUndefined(),
  );

  it("is not chosen where none was offered", () => {
    expect(chosenReply("1", {})).toBeUndefined();
    expect(chosenReply("1", undefined)).toBeUndefined();
  });
});

describe("what was asked before", () => {
  const question = saidToContact("要删吗", 5, asked);

  it("is the last thing said to the contact", () => {
    expect(
      askedBefore(contactSaid("1", 6), [saidToContact("您好", 2), contactSaid("删除", 3), question]),
    ).toBe(question);
  });

  it("is nothing where the contact wrote before it was said", () => {
    expect(askedBefore(contactSaid("1", 4), [contactSaid("删除", 3), question])).toBeUndefined();
  });

  it("is nothing at the beginning", () => expect(askedBefore(contactSaid("1", 1), [])).toBeUndefined());
});
