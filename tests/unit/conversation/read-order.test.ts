import { describe, expect, it } from "vitest";
import { type OrderContext, readOrder, withoutCommands } from "../../../src/conversation/read-order.ts";

const calm: OrderContext = { forgetAsked: false, openRequest: false, heard: [] };
const asked = { ...calm, forgetAsked: true };
const open = { ...calm, openRequest: true };

describe("an order", () => {
  it.each<[string, readonly string[], OrderContext, unknown]>([
    ["a question", ["加班费怎么算"], calm, { type: "say", human: false }],
    ["nothing", [], calm, { type: "say", human: false }],
    ["the word for a person", ["人工"], calm, { type: "say", human: true }],
    ["a question and the word for a person", ["工资没发", "人工"], calm, { type: "say", human: true }],
    ["a greeting command before a question", ["/start", "工资没发"], calm, { type: "say", human: false }],
    ["a greeting command", ["/start"], calm, { type: "start" }],
    ["two commands", ["/start", "帮助"], calm, { type: "help" }],
    ["the wish to be forgotten", ["删除我的信息"], calm, { type: "forget" }],
    ["the wish after a question", ["工资没发", "删除我的信息"], calm, { type: "forget" }],
    ["the wish with a request open", ["删除我的信息"], open, { type: "ask_forget" }],
    ["the wish with something said after it", ["删除我的信息", "等等"], calm, { type: "ask_forget" }],
    [
      "the wish, heard in a voice",
      ["删除我的信息"],
      { ...calm, heard: ["删除我的信息"] },
      { type: "ask_forget" },
    ],
    ["the wish taken back at once", ["删除我的信息", "先不删"], calm, { type: "kept" }],
    ["the answer to the question", ["确认删除"], { ...open, forgetAsked: true }, { type: "forget" }],
    ["the answer where nothing was asked", ["确认删除"], calm, { type: "ask_forget" }],
    ["the answer with something else", ["确认删除", "工资没发"], asked, { type: "ask_forget" }],
    ["no", ["先不删"], asked, { type: "kept" }],
    ["no, and a question", ["工资没发", "先不删"], asked, { type: "say", human: false }],
    ["something else than an answer", ["工资没发"], asked, { type: "say", human: false }],
  ])("is read from %s", (_name, lines, context, order) => {
    expect(readOrder(lines, context)).toEqual(order);
  });

  it("leaves what was told beside it", () => {
    expect(withoutCommands(["/start", "工资没发", "人工", "怎么办"])).toEqual(["工资没发", "怎么办"]);
  });
});
