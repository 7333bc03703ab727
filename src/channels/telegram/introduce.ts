import type { BotCommand } from "grammy/types";
import type { TelegramApi } from "./api.ts";
import type { BotIdentity } from "./group-address.ts";
import { commandMenus } from "./wording.ts";

/** Who the bot is. */
export async function identify(api: TelegramApi, signal: AbortSignal): Promise<BotIdentity> {
  const { id, username = "" } = await api.call("getMe", {}, { signal });
  return { id, username };
}

/** Puts the commands into the menu of the chat: Chinese for everybody, English for those whose app is English. */
export async function setCommandMenus(api: TelegramApi, signal: AbortSignal): Promise<void> {
  for (const [language, menu] of Object.entries(commandMenus)) {
    const commands: BotCommand[] = Object.entries(menu).map(([command, description]) => ({
      command,
      description,
    }));
    const args = { commands, ...(language === "" ? {} : { language_code: language as "en" }) };
    await api.call("setMyCommands", args, { signal });
  }
}
