import { AppError } from "../../errors.ts";
import { splitText } from "../../messaging/split-text.ts";
import { createTelegramApi, failureOf, type TelegramSettings } from "./api.ts";
import { longestText } from "./render-message.ts";

/** Tells admins in a chat. Rejects with `channel.unavailable` where Telegram did not take it. */
export type TelegramAlert = (text: string, signal: AbortSignal) => Promise<void>;

/** `chat`: the id of a chat that the bot is in, or `@name` of a public one. Long texts are cut at their end. */
export function createTelegramAlert(
  settings: Pick<TelegramSettings, "token" | "apiRoot">,
  chat: string,
): TelegramAlert {
  const api = createTelegramApi(settings);
  return async (text, signal) => {
    const [shown = ""] = splitText(text, longestText);
    try {
      const args = { chat_id: chat, text: shown, link_preview_options: { is_disabled: true } };
      await api.call("sendMessage", args, { signal });
    } catch (error) {
      const failure = failureOf(error);
      if (failure === undefined) throw error;
      const reason = failure.kind === "refused" ? `${failure.code} ${failure.description}` : failure.reason;
      throw new AppError(
        "channel.unavailable",
        `Telegram did not take an alert (${reason}). Check ALERT_TELEGRAM_CHAT and that the bot is in that chat.`,
      );
    }
  };
}
