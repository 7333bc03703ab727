import type { CallbackQuery, Chat, ChatMemberUpdated, Message, Update } from "grammy/types";
import { boundText } from "../../messaging/clean-text.ts";
import type { PlatformAddress, PlatformEvent } from "../../messaging/platform-event.ts";
import { pressedText } from "./buttons.ts";
import { addressedText, type BotIdentity, commandIn } from "./group-address.ts";
import { readAttachments } from "./read-attachments.ts";

/** The kinds of updates that are asked for. */
export const updateKinds = ["message", "edited_message", "callback_query", "my_chat_member"] as const;

/** What an update says in the words of messaging. */
export interface Reading {
  readonly event?: PlatformEvent;
  /** A pressed button that waits for a sign that it was felt. */
  readonly pressed?: { readonly queryId: string; readonly understood: boolean };
  /** Set where nothing is to be done: why. */
  readonly passedOver?: string;
}

/** Reads one update. It may throw on one that is not as the Bot API documents it. */
export function readUpdate(update: Update, bot: BotIdentity): Reading {
  if (update.message !== undefined) return readMessage(update.message, bot);
  if (update.edited_message !== undefined) return readEdit(update.edited_message, update.update_id, bot);
  if (update.callback_query !== undefined) return readPress(update.callback_query, bot);
  if (update.my_chat_member !== undefined) return readMembership(update.my_chat_member);
  return passOver("unknown kind");
}

const passOver = (passedOver: string): Reading => ({ passedOver });

/** Message ids begin anew with every bot, so the bot is part of the id. */
const externalIdOf = (message: { readonly message_id: number }, bot: BotIdentity) =>
  `${bot.id}:${message.message_id}`;

function readMessage(message: Message, bot: BotIdentity): Reading {
  const address = addressOf(message, bot);
  if (address === undefined) return passOver("not from a person");
  const words = wordsOf(message, bot);
  if (words === undefined) return passOver("not addressed");
  const attachments = readAttachments(message);
  if (attachments === undefined) return passOver("unknown content");
  const { text, origin } = readStart(boundText(`${words}${quoted(message, bot)}`), bot);
  if (text === "" && attachments.length === 0) return passOver("nothing readable");
  return {
    event: {
      type: "message",
      address,
      externalId: externalIdOf(message, bot),
      text,
      ...(attachments.length === 0 ? {} : { attachments }),
      ...(origin === undefined ? {} : { origin }),
    },
  };
}

function readEdit(message: Message, updateId: number, bot: BotIdentity): Reading {
  const address = addressOf(message, bot);
  const words = address === undefined ? undefined : wordsOf(message, bot);
  if (address === undefined || words === undefined) return passOver("not addressed");
  // Live locations are edits too: only words are followed.
  const { text } = readStart(boundText(`${words}${quoted(message, bot)}`), bot);
  if (text === "") return passOver("nothing readable");
  const externalId = externalIdOf(message, bot);
  return { event: { type: "edited", address, externalId, editId: `${bot.id}:${updateId}`, text } };
}

function readPress(query: CallbackQuery, bot: BotIdentity): Reading {
  const { id: queryId, from, message } = query;
  const words = boundText(pressedText(query) ?? "");
  if (message === undefined || from.is_bot || words === "") {
    return { pressed: { queryId, understood: false }, passedOver: "a button without words" };
  }
  const address =
    message.chat.type === "private" ? privateAddress(message) : groupAddress(message, String(from.id));
  return {
    pressed: { queryId, understood: true },
    event: { type: "message", address, externalId: `${bot.id}:press:${queryId}`, text: words },
  };
}

/** In a private chat the bot's own membership says whether it is blocked; in a group every send says it. */
function readMembership({ chat, new_chat_member: now }: ChatMemberUpdated): Reading {
  if (chat.type !== "private") return passOver("membership of a group");
  const address = privateAddress({ chat });
  if (now.status === "kicked") return { event: { type: "blocked", address } };
  return { event: { type: "unblocked", address } };
}

/** Whom the message is from; undefined for channels, other bots, ourselves and what a linked channel posted. */
function addressOf(message: Message, bot: BotIdentity): PlatformAddress | undefined {
  const { chat, from, sender_chat: behind } = message;
  if (chat.type === "channel" || message.is_automatic_forward || from?.id === bot.id) return undefined;
  if (chat.type === "private") return from?.is_bot === true ? undefined : privateAddress(message);
  if (chat.is_direct_messages === true) return undefined;
  if (behind !== undefined) {
    // Who writes in the name of the group or of a channel cannot be told apart: the name is all that Telegram gives.
    return groupAddress(message, behind.id === chat.id ? "anonymous" : `chat${behind.id}`);
  }
  return from === undefined || from.is_bot ? undefined : groupAddress(message, String(from.id));
}

interface Place {
  readonly chat: Chat;
  readonly message_id?: number;
  readonly message_thread_id?: number;
  readonly is_topic_message?: boolean;
}

function privateAddress({ chat, ...place }: Place): PlatformAddress {
  return { key: String(chat.id), surface: "private", data: { chatId: chat.id, ...threadOf(place) } };
}

function groupAddress({ chat, message_id: replyTo, ...place }: Place, member: string): PlatformAddress {
  const data = { chatId: chat.id, ...threadOf(place), ...(replyTo === undefined ? {} : { replyTo }) };
  return { key: `${chat.id}:${member}`, surface: "group", data };
}

/** The topic of a forum. In other groups the number of a thread only says to which message a reply belongs. */
const threadOf = ({ is_topic_message, message_thread_id: threadId }: Omit<Place, "chat">) =>
  is_topic_message === true && threadId !== undefined ? { threadId } : {};

/** What the message says; undefined in a group where it is not meant for the bot. */
function wordsOf(message: Message, bot: BotIdentity): string | undefined {
  return message.chat.type === "private"
    ? (message.text ?? message.caption ?? "")
    : addressedText(message, bot);
}

const longestQuote = 500;

/**
 * Words that the contact picked out of somebody else's message, marked as such. What the bot itself said stands in the
 * conversation already.
 */
function quoted({ quote, reply_to_message: first }: Message, bot: BotIdentity): string {
  if (quote === undefined || quote.text === "" || first?.from?.id === bot.id) return "";
  return `\n（引用：「${quote.text.slice(0, longestQuote).toWellFormed()}」）`;
}

const originPattern = /^[\w-]{1,64}$/;

/** Takes the bot's name out of a command, and the code of a door out of `/start CODE`. */
function readStart(text: string, bot: BotIdentity): { text: string; origin?: string } {
  const command = commandIn(text);
  if (command === undefined || (command.bot ?? bot.username.toLowerCase()) !== bot.username.toLowerCase())
    return { text };
  const name = `/${command.name}`;
  if (command.name === "start" && originPattern.test(command.rest))
    return { text: name, origin: command.rest };
  return { text: `${name} ${command.rest}`.trim() };
}
