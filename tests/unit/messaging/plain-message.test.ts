import { describe, expect, it } from "vitest";
import type { Citation, GroundedAnswer } from "../../../src/answering/grounded-answer.ts";
import { plainMessage } from "../../../src/messaging/plain-message.ts";

const cited = (index: number, document: string): Citation => ({
  index,
  chunkId: `c${index}`,
  document,
  section: "一",
  source: "劳动合同法",
  quote: "二倍",
});

const answer = (...citations: Citation[]): GroundedAnswer => ({
  state: "grounded",
  text: "可以要二倍工资[1][2]。",
  citations,
  provenance: [],
  handOver: "none",
  facts: {},
  missing: [],
  calculation: null,
});

describe("a message without markup", () => {
  it("is its text alone where nothing is cited and nothing offered", () => {
    expect(plainMessage({ text: "您好" })).toBe("您好");
  });

  it("names each document once with all its marks", () => {
    const text = "可以要二倍工资[1][2]。";
    const citations = [cited(1, "没签合同"), cited(2, "没签合同"), cited(3, "仲裁")];
    expect(plainMessage({ text, answer: answer(...citations) })).toBe(
      `${text}\n\n机器助手回答，来源：\n[1][2] 没签合同（依据：劳动合同法）\n[3] 仲裁（依据：劳动合同法）`,
    );
  });

  it("offers quick replies by number, after the sources", () => {
    expect(
      plainMessage({
        text: "要删吗？",
        answer: answer(cited(1, "甲")),
        quickReplies: ["确认删除", "先不删"],
      }),
    ).toBe(
      "要删吗？\n\n机器助手回答，来源：\n[1] 甲（依据：劳动合同法）\n\n回复数字就行：\n1. 确认删除\n2. 先不删",
    );
  });

  it("says so in English where the replies are English", () => {
    expect(plainMessage({ text: "Sure?", quickReplies: ["yes"] })).toBe(
      "Sure?\n\nReply with the number:\n1. yes",
    );
  });
});
