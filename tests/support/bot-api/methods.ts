import type { ApiMethods, InlineKeyboardMarkup, Message, MessageEntity, Opts } from "grammy/types";
import { parseHtml } from "./parse-html.ts";
import { badRequest, Refusal } from "./refusal.ts";
import type { Updates } from "./updates.ts";
import type { ChatState, World } from "./world.ts";

export interface CallContext {
  readonly world: World;
  readonly updates: Updates;
  /** Aborts when the caller has gone. */
  readonly gone: AbortSignal;
  /** Whether the caller will see the answer. */
  readonly answered: boolean;
  /** Uploaded files by the name of their parameter. */
  readonly uploads: ReadonlyMap<string, { readonly name: string; readonly bytes: Uint8Array }>;
}

type Handler<M extends keyof ApiMethods> = (
  args: Opts<M>,
  context: CallContext,
) => ReturnType<ApiMethods[M]> | Promise<ReturnType<ApiMethods[M]>>;

type Handlers = { readonly [M in keyof ApiMethods]?: Handler<M> };

const largestDownload = 20 * 1024 * 1024;
const longestText = 4_096;
const longestCaption = 1_024;

/** The methods that this server has, as the Bot API documents them. */
export const methods = {
  getMe: (_args, { world }) => world.bot,

  getUpdates: ({ offset = 0, limit = 100, timeout = 0, allowed_updates } = {}, { updates, gone }) => {
    updates.allow(allowed_updates);
    return updates.poll(Number(offset), Math.min(100, Math.max(1, Number(limit))), Number(timeout), gone);
  },

  setWebhook: ({ url, secret_token: secret, drop_pending_updates, allowed_updates }, { updates }) => {
    if (secret !== undefined && !/^[\w-]{1,256}$/.test(secret)) {
      throw badRequest("secret token contains unallowed characters");
    }
    if (url !== "" && URL.parse(url) === null) throw badRequest("bad webhook: invalid URL");
    updates.allow(allowed_updates);
    const webhook = url === "" ? undefined : { url, ...(secret === undefined ? {} : { secret }) };
    updates.setWebhook(webhook, drop_pending_updates === true);
    return true;
  },

  deleteWebhook: ({ drop_pending_updates } = {}, { updates }) => {
    updates.setWebhook(undefined, drop_pending_updates === true);
    return true;
  },

  getWebhookInfo: (_args, { updates }) => updates.webhook,

  sendMessage: (args, context) => {
    const state = context.world.chatToWriteTo(args.chat_id);
    const { text, entities } = readText(args.text, args.parse_mode, args.entities);
    if (text === "") throw badRequest("message text is empty");
    if (text.length > longestText) throw badRequest("message is too long");
    return show(
      state,
      "sendMessage",
      args,
      { text, ...(entities.length > 0 ? { entities } : {}) },
      context,
    ) as Message.TextMessage;
  },

  sendPhoto: (args, context) => {
    const file = fileOf(args.photo, "photo", context);
    const { file_id, file_unique_id, file_size } = file;
    const photo = [{ file_id, file_unique_id, file_size, width: 800, height: 600 }];
    return showFile("sendPhoto", args, { photo }, context) as Message.PhotoMessage;
  },

  sendDocument: (args, context) => {
    const document = fileOf(args.document, "document", context);
    return showFile("sendDocument", args, { document }, context) as Message.DocumentMessage;
  },

  sendMessageDraft: (args, { world }) => {
    const state = world.chatToWriteTo(args.chat_id);
    if (state.chat.type !== "private") throw badRequest("drafts can be sent to private chats only");
    if (!Number.isInteger(args.draft_id) || args.draft_id === 0) throw badRequest("DRAFT_ID_INVALID");
    const { text } = readText(args.text ?? "", args.parse_mode, args.entities);
    if (text.length > longestText) throw badRequest("message is too long");
    checkTopic(state, args.message_thread_id);
    state.drafts.push({ chatId: state.chat.id, draftId: args.draft_id, text });
    return true;
  },

  editMessageText: (args, { world }) => {
    const state = world.chatToWriteTo(args.chat_id ?? "");
    const message = state.messages.get(Number(args.message_id));
    const record = state.sent.find(({ messageId }) => messageId === message?.message_id);
    if (message === undefined || record === undefined) throw badRequest("message to edit not found");
    const { text, entities } = readText(args.text ?? "", args.parse_mode, args.entities);
    if (text === "") throw badRequest("message text is empty");
    if (text.length > longestText) throw badRequest("message is too long");
    if (text === message.text) {
      throw badRequest(
        "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
      );
    }
    record.edits.push(record.text);
    record.text = text;
    const edited = { ...message, text, entities, edit_date: seconds() };
    state.messages.set(message.message_id, edited);
    return edited as Message.TextMessage & { edit_date: number };
  },

  deleteMessage: ({ chat_id, message_id }, { world }) => {
    const state = world.chatToWriteTo(chat_id);
    if (!state.messages.delete(Number(message_id))) throw badRequest("message to delete not found");
    for (const record of state.sent) if (record.messageId === Number(message_id)) record.deleted = true;
    return true;
  },

  sendChatAction: ({ chat_id, action, message_thread_id }, { world }) => {
    const state = world.chatToWriteTo(chat_id);
    checkTopic(state, message_thread_id);
    state.actions.push(action);
    return true;
  },

  answerCallbackQuery: ({ callback_query_id: id, text }, { world }) => {
    if (!world.callbackQueries.has(id)) {
      throw badRequest("query is too old and response timeout expired or query ID is invalid");
    }
    if ((text ?? "").length > 200) throw badRequest("MESSAGE_TOO_LONG");
    world.callbackQueries.set(id, text === undefined ? {} : { text });
    return true;
  },

  setMyCommands: ({ commands, language_code = "" }, { world }) => {
    const isRight = ({ command, description }: { command: string; description: string }) =>
      /^[a-z0-9_]{1,32}$/.test(command) && description.length >= 1 && description.length <= 256;
    if (commands.length > 100 || !commands.every(isRight)) throw badRequest("BOT_COMMAND_INVALID");
    world.commands.set(language_code, [...commands]);
    return true;
  },

  getMyCommands: ({ language_code = "" } = {}, { world }) => world.commands.get(language_code) ?? [],

  getFile: ({ file_id }, { world }) => {
    const file = world.files.get(file_id);
    if (file === undefined) throw badRequest("wrong file_id or the file is temporarily unavailable");
    if (file.size > largestDownload) throw badRequest("file is too big");
    return { file_id, file_unique_id: `unique-${file_id}`, file_size: file.size, file_path: file.path };
  },

  createForumTopic: ({ chat_id, name, icon_color = 0x6fb9f0 }, { world }) => {
    const state = world.chatToWriteTo(chat_id);
    if (!("is_forum" in state.chat) || state.chat.is_forum !== true)
      throw badRequest("the chat is not a forum");
    if (name.length < 1 || name.length > 128) throw badRequest("invalid topic name");
    const message_thread_id = world.nextMessageId(state);
    state.topics.set(message_thread_id, name);
    return { message_thread_id, name, icon_color };
  },
} satisfies Handlers;

export const seconds = () => Math.floor(Date.now() / 1_000);

function readText(
  raw: string,
  parseMode: string | undefined,
  given: readonly MessageEntity[] | undefined,
): { text: string; entities: MessageEntity[] } {
  if (typeof raw !== "string") throw badRequest("message text is empty");
  if (!raw.isWellFormed()) throw badRequest("strings must be encoded in UTF-8");
  if (parseMode !== undefined && parseMode.toLowerCase() !== "html")
    throw badRequest("unsupported parse_mode");
  const { text, entities } =
    parseMode === undefined ? { text: raw, entities: [...(given ?? [])] } : parseHtml(raw);
  return { text: text.trim(), entities };
}

interface Placement {
  readonly message_thread_id?: number;
  readonly reply_parameters?: {
    readonly message_id?: number;
    readonly allow_sending_without_reply?: boolean;
  };
  readonly reply_markup?: object;
}

function showFile(
  method: "sendPhoto" | "sendDocument",
  args: Opts<"sendPhoto"> | Opts<"sendDocument">,
  content: Partial<Message>,
  context: CallContext,
): Message {
  const state = context.world.chatToWriteTo(args.chat_id);
  const { text: caption } = readText(args.caption ?? "", args.parse_mode, args.caption_entities);
  if (caption.length > longestCaption) throw badRequest("message caption is too long");
  return show(state, method, args, { ...content, ...(caption === "" ? {} : { caption }) }, context);
}

/** Puts a message of the bot into a chat. */
function show(
  state: ChatState,
  method: string,
  { message_thread_id: threadId, reply_parameters, reply_markup }: Placement,
  content: Partial<Message>,
  { world, answered }: CallContext,
): Message {
  checkTopic(state, threadId);
  const replyTo = repliedMessage(state, reply_parameters);
  const keyboard = readKeyboard(reply_markup);
  const { is_bot, id, first_name, username } = world.bot;
  const message = {
    message_id: world.nextMessageId(state),
    date: seconds(),
    chat: state.chat,
    from: { is_bot, id, first_name, username },
    ...(threadId === undefined ? {} : { message_thread_id: threadId, is_topic_message: true }),
    ...(replyTo === undefined ? {} : { reply_to_message: replyTo }),
    ...(keyboard === undefined ? {} : { reply_markup: keyboard }),
    ...content,
  } as Message;
  state.messages.set(message.message_id, message);
  world.record(state, {
    chatId: state.chat.id,
    messageId: message.message_id,
    method,
    text: message.text ?? message.caption ?? "",
    entities: message.entities ?? [],
    ...(threadId === undefined ? {} : { threadId }),
    ...(replyTo === undefined ? {} : { replyTo: replyTo.message_id }),
    ...(keyboard === undefined ? {} : { keyboard }),
    at: Date.now(),
    answered,
    edits: [],
  });
  return message;
}

function checkTopic(state: ChatState, threadId: number | undefined): void {
  if (threadId !== undefined && !state.topics.has(threadId)) throw badRequest("message thread not found");
}

function repliedMessage(state: ChatState, reply: Placement["reply_parameters"]): Message | undefined {
  if (reply?.message_id === undefined) return undefined;
  const message = state.messages.get(reply.message_id);
  if (message === undefined && reply.allow_sending_without_reply !== true) {
    throw badRequest("message to be replied not found");
  }
  return message;
}

function readKeyboard(markup: object | undefined): InlineKeyboardMarkup | undefined {
  if (markup === undefined || !("inline_keyboard" in markup)) return undefined;
  const keyboard = markup as InlineKeyboardMarkup;
  for (const button of keyboard.inline_keyboard.flat()) {
    if (button.text === "") throw badRequest("inline keyboard button text must be non-empty");
    const data = "callback_data" in button ? Buffer.byteLength(button.callback_data) : undefined;
    if (data !== undefined && (data < 1 || data > 64)) throw badRequest("BUTTON_DATA_INVALID");
  }
  return keyboard;
}

function fileOf(given: unknown, parameter: string, { world, uploads }: CallContext) {
  const upload = uploads.get(parameter);
  const file =
    upload === undefined ? world.files.get(String(given)) : world.addFile(upload.name, upload.bytes);
  if (file === undefined) throw badRequest("wrong remote file identifier specified");
  return {
    file_id: file.id,
    file_unique_id: `unique-${file.id}`,
    file_size: file.size,
    ...(upload === undefined ? {} : { file_name: upload.name }),
  };
}

const byName = new Map<string, (args: never, context: CallContext) => unknown>(
  Object.entries(methods).map(([name, handler]) => [name.toLowerCase(), handler as never]),
);

/** Runs a method by its name in whatever case. */
export async function runMethod(name: string, args: object, context: CallContext): Promise<unknown> {
  const handler = byName.get(name.toLowerCase());
  if (handler === undefined) throw new Refusal(404, "Not Found: method not found");
  return handler(args as never, context);
}
