import fc from "fast-check";
import type { Message } from "grammy/types";
import { describe, expect, it } from "vitest";
import { inlineKeyboard, pressedText } from "../../../../src/channels/telegram/buttons.ts";
import { privateChat, worker } from "./updates.ts";

function press(texts: readonly string[], index: number, withMessage: boolean) {
  const reply_markup = inlineKeyboard(texts);
  const button = reply_markup.inline_keyboard.flat()[index];
  const data = button !== undefined && "callback_data" in button ? button.callback_data : "";
  const message = { message_id: 1, date: 1, chat: privateChat, text: "?", reply_markup } as Message;
  return pressedText({
    id: "1",
    from: worker,
    chat_instance: "c",
    data,
    ...(withMessage ? { message } : {}),
  });
}

describe("inlineKeyboard", () => {
  const labels = fc.uniqueArray(fc.string({ unit: "grapheme", minLength: 1, maxLength: 120 }), {
    minLength: 1,
    maxLength: 8,
  });

  it("gives every button data within 64 bytes, and the text comes back whole", () => {
    fc.assert(
      fc.property(labels, (texts) => {
        for (const button of inlineKeyboard(texts).inline_keyboard.flat()) {
          const data = "callback_data" in button ? button.callback_data : "";
          expect(Buffer.byteLength(data)).toBeGreaterThan(0);
          expect(Buffer.byteLength(data)).toBeLessThanOrEqual(64);
        }
        for (const [index, text] of texts.entries()) expect(press(texts, index, true)).toBe(text);
      }),
    );
  });

  it("carries a short Chinese text in the button itself, so that an old message is not needed", () => {
    expect(press(["我要找人工调解员帮忙", "不用了"], 0, false)).toBe("我要找人工调解员帮忙");
  });

  it("says nothing for a long text whose message is gone", () => {
    expect(press(["很长的按钮".repeat(10)], 0, false)).toBeUndefined();
  });

  it("puts short answers side by side and long ones below each other", () => {
    expect(inlineKeyboard(["是", "不是", "不知道"]).inline_keyboard.map(({ length }) => length)).toEqual([
      2, 1,
    ]);
    expect(
      inlineKeyboard(["我没有签过劳动合同", "签过"]).inline_keyboard.map(({ length }) => length),
    ).toEqual([1, 1]);
  });
});
