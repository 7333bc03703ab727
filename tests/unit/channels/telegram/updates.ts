import type { Chat, Message, Update, User } from "grammy/types";
import type { BotIdentity } from "../../../../src/channels/telegram/group-address.ts";

export const bot: BotIdentity = { id: 7_000_000_001, username: "niangjia_bot" };

export const botUser: User = { id: bot.id, is_bot: true, first_name: "娘家人", username: bot.username };
export const worker: User = {
  id: 4_611_686_018,
  is_bot: false,
  first_name: "老张",
  language_code: "zh-hans",
};
export const mate: User = { id: 5_222, is_bot: false, first_name: "小李" };

export const privateChat: Chat = { id: worker.id, type: "private", first_name: "老张" };
export const group: Chat = { id: -1_002_222_333_444, type: "supergroup", title: "三号工地" };
export const forum: Chat = { id: -1_005_666_777_888, type: "supergroup", title: "骑手之家", is_forum: true };

/** An update with a new message, as Telegram sends it. */
export function messageUpdate(fields: Partial<Message>, updateId = 10): Update {
  const message = { message_id: 31, date: 1_790_000_000, chat: privateChat, from: worker, ...fields };
  return { update_id: updateId, message } as Update;
}

/** A message of a group with its mentions and commands marked, as Telegram marks them. */
export function inGroup(text: string, fields: Partial<Message> = {}): Update {
  const entities = [...text.matchAll(/@\w+|^\/\w+(?:@\w+)?/g)].map(({ index, 0: word }) => ({
    type: word.startsWith("@") ? ("mention" as const) : ("bot_command" as const),
    offset: index,
    length: word.length,
  }));
  return messageUpdate({ chat: group, text, ...(entities.length > 0 ? { entities } : {}), ...fields });
}
