import { expect, vi } from "vitest";
import type { ChatDriver } from "../../support/bot-api/people.ts";
import type { BotApi } from "../../support/bot-api/start-bot-api.ts";
import type { SentRecord } from "../../support/bot-api/world.ts";
import type { Remains } from "./service-site.ts";

/** Long enough for a turn on a busy machine. */
export const patience = { timeout: 30_000, interval: 20 };

/** Settings of a service that polls this Bot API, with a pace that suits a test. */
export function telegramSettings({ token, url }: Pick<BotApi, "token" | "url">): Record<string, string> {
  return {
    TELEGRAM_BOT_TOKEN: token,
    TELEGRAM_API_ROOT: url,
    TELEGRAM_MESSAGES_PER_SECOND: "1000",
    TELEGRAM_MESSAGES_PER_CHAT_PER_SECOND: "1000",
    BURST_MS: "150",
  };
}

/** What the bot shows in a chat after something was done there: at least so many messages. */
export async function shownAfter(
  chat: ChatDriver,
  count: number,
  act: () => unknown,
): Promise<readonly SentRecord[]> {
  const before = chat.sent.length;
  act();
  await vi.waitFor(() => expect(chat.sent.length - before).toBeGreaterThanOrEqual(count), patience);
  return chat.sent.slice(before);
}

/** The one text that the bot shows after something was done. */
export async function replyAfter(chat: ChatDriver, act: () => unknown): Promise<string> {
  const [reply] = await shownAfter(chat, 1, act);
  return reply?.text ?? "";
}

/** What the ledger says was handed over, and what people saw: the same, each part once. */
export function expectShownOnce(remains: Remains, chats: readonly ChatDriver[]): void {
  const deliveries = remains.rows("deliveries").filter(({ channel }) => channel === "telegram");
  const waiting = deliveries.filter(({ state }) => state === "queued" || state === "sending");
  expect(waiting).toEqual([]);
  const parts = deliveries
    .filter(({ state }) => state === "sent")
    .reduce((sum, row) => sum + Number(row.parts_sent), 0);
  expect(parts).toBe(chats.reduce((sum, chat) => sum + chat.sent.length, 0));
  const ids = deliveries.flatMap((row) =>
    (row.platform_ids as string[]).map((id) => `${row.conversation_id} ${id}`),
  );
  expect(ids).toHaveLength(new Set(ids).size);
}
