import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Citation } from "../../../../src/answering/grounded-answer.ts";
import { plainText } from "../../../../src/channels/telegram/html.ts";
import { longestText, renderMessage } from "../../../../src/channels/telegram/render-message.ts";
import { longestPrefix } from "../../../../src/channels/telegram/wording.ts";
import type { StoredMessage } from "../../../../src/messaging/message.ts";
import { parseHtml } from "../../../support/bot-api/parse-html.ts";

function stored(text: string, more: Partial<StoredMessage> = {}): StoredMessage {
  return {
    id: "m",
    conversationId: "c",
    seq: 1,
    sender: "bot",
    text,
    createdAt: "2026-11-21T00:00:00Z",
    ...more,
  };
}

function answered(text: string, citations: readonly Partial<Citation>[]): StoredMessage {
  const whole = citations.map((citation, index) => ({
    index: index + 1,
    chunkId: `k${index}`,
    document: "劳动合同法",
    section: "第三十八条",
    source: "《劳动合同法》第三十八条（2012-12-28）",
    quote: "x",
    ...citation,
  }));
  const answer = {
    state: "grounded" as const,
    text,
    citations: whole,
    provenance: [],
    handOver: "none" as const,
    facts: {},
    missing: [],
    calculation: null,
  };
  return stored(text, { answer });
}

const shownParts = (message: StoredMessage) => renderMessage(message).map(({ text }) => parseHtml(text).text);
const unbroken = (text: string) => text.replace(/\s+/g, "");

/** Texts with everything that could break: markup, entities, emoji of several characters, Chinese, blanks. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 40 }),
      fc.constantFrom(
        "<b>",
        "&lt;",
        "&",
        "</a>",
        "👨‍👩‍👧‍👦",
        "𠮷",
        "。",
        "，",
        "\n\n",
        "\n",
        "10,000.50 元",
        "工资",
        " ",
      ),
    ),
    { maxLength: 60 },
  )
  .map((pieces) => pieces.join(""))
  .chain((piece) => fc.nat({ max: 40 }).map((times) => piece.repeat(times)));

describe("renderMessage", () => {
  it("shows any text as it is, whatever markup it seems to hold", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = shownParts(stored(text)).join("");
        if (text.trim() !== "") expect(unbroken(shown)).toBe(unbroken(text));
      }),
    );
  });

  it("keeps every part within the limit, with room for the words before a repeat, and no character cut in two", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const parts = renderMessage(stored(text));
        expect(parts.length === 0).toBe(text.trim() === "");
        for (const { text: html } of parts) {
          expect(html.isWellFormed()).toBe(text.isWellFormed());
          const shown = parseHtml(html).text;
          expect(shown.length).toBeGreaterThan(0);
          expect(shown.length + longestPrefix).toBeLessThanOrEqual(longestText);
          expect(plainText(html)).toBe(shown);
        }
      }),
    );
  });

  it("splits a long text at the ends of sentences", () => {
    const sentence = "用人单位拖欠工资的，您可以向劳动监察大队投诉。";
    const parts = shownParts(stored(sentence.repeat(500)));
    expect(parts.length).toBe(3);
    for (const part of parts) expect(part.endsWith("。")).toBe(true);
  });

  it("gives the same parts every time", () => {
    const message = answered("一句话。".repeat(3_000), [{}]);
    expect(renderMessage(message)).toEqual(renderMessage(message));
  });

  it("lists the sources under the text, those of one document together", () => {
    const message = answered("可以解除合同[1][2]，并要求经济补偿[3]。", [
      {},
      {},
      { document: "工资支付暂行规定", source: "《工资支付暂行规定》第十八条（1994-12-06）" },
    ]);
    expect(shownParts(message)).toEqual([
      [
        "可以解除合同[1][2]，并要求经济补偿[3]。",
        "",
        "机器助手回答，来源：",
        "[1][2] 劳动合同法（依据：《劳动合同法》第三十八条（2012-12-28））",
        "[3] 工资支付暂行规定（依据：《工资支付暂行规定》第十八条（1994-12-06））",
      ].join("\n"),
    ]);
  });

  it("makes the address of a source a link, and only that", () => {
    const source = "市总工会通知，见 https://cq.example.cn/a?x=1&y=<2>（2026-01-05）";
    const [part] = renderMessage(answered("可以申请[1]。", [{ document: "金秋助学", source }]));
    const { text, entities } = parseHtml(part?.text ?? "");
    expect(entities).toEqual([
      expect.objectContaining({ type: "text_link", url: "https://cq.example.cn/a?x=1&y=" }),
    ]);
    expect(text).toContain("见 https://cq.example.cn/a?x=1&y=<2>（2026-01-05）");
  });

  it("puts sources that do not fit any more on a part of their own", () => {
    const message = answered("字".repeat(longestText - longestPrefix), [{}]);
    const parts = shownParts(message);
    expect(parts.length).toBe(2);
    expect(parts[1]).toMatch(/^机器助手回答，来源：\n\[1] /);
  });

  it("keeps hundreds of long sources within the limit", () => {
    const many = Array.from({ length: 300 }, (_, index) => ({
      document: `文件${index}`,
      source: `《${"长".repeat(600)}》第${index}条`,
    }));
    const parts = shownParts(answered("见来源。", many));
    for (const part of parts) expect(part.length).toBeLessThanOrEqual(longestText);
    for (let index = 0; index < 300; index++) expect(parts.join("\n")).toContain(`第${index}条`);
  });

  it("shows quick replies with the last part only", () => {
    const parts = renderMessage(stored("一句话。".repeat(2_000), { quickReplies: ["是", "不是"] }));
    expect(parts.map(({ quickReplies }) => quickReplies)).toEqual([undefined, undefined, ["是", "不是"]]);
  });

  it("says when a person speaks", () => {
    expect(shownParts(stored("您好，我是小王。", { sender: "mediator" }))).toEqual([
      "【调解员】\n您好，我是小王。",
    ]);
  });

  it("gives a blank message no part", () => {
    expect(renderMessage(stored("  \n "))).toEqual([]);
  });

  it("leaves out quick replies without a word, which Telegram would refuse", () => {
    expect(renderMessage(stored("好吗？", { quickReplies: ["", "好"] }))).toEqual([
      { text: "好吗？", quickReplies: ["好"] },
    ]);
    expect(renderMessage(stored("好吗？", { quickReplies: [" "] }))).toEqual([{ text: "好吗？" }]);
  });
});
