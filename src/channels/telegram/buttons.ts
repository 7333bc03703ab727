import type { CallbackQuery, InlineKeyboardMarkup } from "grammy/types";

/** Bytes of data that a button may carry. */
const mostBytes = 64;
/** Two buttons stand side by side where both are this short, in UTF-16 units. */
const shortLabel = 8;

/**
 * Buttons that send back their text. A text that fits is carried by the button itself; a longer one is named by its
 * number and read from the button's label when it is pressed, so nothing need be remembered here.
 */
export function inlineKeyboard(texts: readonly string[]): InlineKeyboardMarkup {
  const buttons = texts.map((text, index) => {
    const whole = `=${text}`;
    return { text, callback_data: Buffer.byteLength(whole) <= mostBytes ? whole : `#${index}` };
  });
  const perRow = texts.every(({ length }) => length <= shortLabel) ? 2 : 1;
  const rows = [];
  for (let at = 0; at < buttons.length; at += perRow) rows.push(buttons.slice(at, at + perRow));
  return { inline_keyboard: rows };
}

/** The text of a pressed button; undefined where it is not ours or where its message is too old to be read. */
export function pressedText({ data, message }: CallbackQuery): string | undefined {
  if (data === undefined) return undefined;
  if (data.startsWith("=")) return data.slice(1);
  const rows = message?.reply_markup?.inline_keyboard ?? [];
  return rows.flat().find((button) => "callback_data" in button && button.callback_data === data)?.text;
}
