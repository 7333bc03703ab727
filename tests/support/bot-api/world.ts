import type { Chat, InlineKeyboardMarkup, Message, MessageEntity, User, UserFromGetMe } from "grammy/types";
import { badRequest, forbidden } from "./refusal.ts";

/** One thing that the bot showed in a chat. */
export interface SentRecord {
  readonly chatId: number;
  readonly messageId: number;
  readonly method: string;
  /** What people read, entities taken out. */
  text: string;
  readonly entities: readonly MessageEntity[];
  readonly threadId?: number;
  readonly replyTo?: number;
  readonly keyboard?: InlineKeyboardMarkup;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** False where the bot's connection was cut: it does not know that this was delivered. */
  readonly answered: boolean;
  deleted?: boolean;
  /** Former texts. */
  readonly edits: string[];
}

export interface DraftRecord {
  readonly chatId: number;
  readonly draftId: number;
  readonly text: string;
}

export interface ChatState {
  chat: Chat;
  /** `stranger`: the person never wrote to the bot, or the bot never was in the group. */
  bot: "stranger" | "member" | "blocked" | "kicked" | "muted" | "deactivated";
  /** The supergroup that this group became. */
  migratedTo?: number;
  readonly topics: Map<number, string>;
  readonly messages: Map<number, Message>;
  readonly sent: SentRecord[];
  readonly drafts: DraftRecord[];
  readonly actions: string[];
}

/** A file on the platform. `size` may be announced without that there are bytes. */
export interface StoredFile {
  readonly id: string;
  readonly path: string;
  readonly size: number;
  readonly bytes: Uint8Array;
}

/** The chats, people, messages and files that the server knows. */
export class World {
  readonly bot: UserFromGetMe;
  readonly chats = new Map<number, ChatState>();
  readonly files = new Map<string, StoredFile>();
  readonly callbackQueries = new Map<string, { text?: string } | undefined>();
  readonly commands = new Map<string, { command: string; description: string }[]>();
  readonly listeners = new Set<(record: SentRecord) => void>();
  #lastMessageId = 0;
  readonly #lastInSupergroup = new Map<number, number>();
  #lastPersonId = 100_000;
  #lastGroupId = 500;
  #lastFile = 0;

  constructor(bot: UserFromGetMe) {
    this.bot = bot;
  }

  newUser(details: Partial<User>): User {
    return {
      id: ++this.#lastPersonId,
      is_bot: false,
      first_name: `Worker ${this.#lastPersonId}`,
      ...details,
    };
  }

  addChat(chat: Chat, bot: ChatState["bot"]): ChatState {
    const state: ChatState = {
      chat,
      bot,
      topics: new Map(),
      messages: new Map(),
      sent: [],
      drafts: [],
      actions: [],
    };
    this.chats.set(chat.id, state);
    return state;
  }

  newGroupId(isSuper: boolean): number {
    const id = ++this.#lastGroupId;
    return isSuper ? -1_000_000_000_000 - id : -id;
  }

  /** Private chats and small groups share one row of numbers, a supergroup has its own. */
  nextMessageId({ chat }: ChatState): number {
    if (chat.type !== "supergroup") return ++this.#lastMessageId;
    const next = (this.#lastInSupergroup.get(chat.id) ?? 0) + 1;
    this.#lastInSupergroup.set(chat.id, next);
    return next;
  }

  /** The chat in which the bot may speak; refuses as Telegram does where it may not. */
  chatToWriteTo(chatId: number | string): ChatState {
    const state = this.findChat(chatId);
    const isPrivate = state.chat.type === "private";
    switch (state.bot) {
      case "member":
        break;
      case "stranger":
        throw isPrivate
          ? forbidden("bot can't initiate conversation with a user")
          : badRequest("chat not found");
      case "blocked":
        throw forbidden("bot was blocked by the user");
      case "deactivated":
        throw forbidden("user is deactivated");
      case "kicked":
        throw forbidden(`bot was kicked from the ${state.chat.type} chat`);
      case "muted":
        throw badRequest("not enough rights to send text messages to the chat");
    }
    if (state.migratedTo !== undefined) {
      throw badRequest("group chat was upgraded to a supergroup chat", {
        migrate_to_chat_id: state.migratedTo,
      });
    }
    return state;
  }

  findChat(chatId: number | string): ChatState {
    const named = String(chatId).startsWith("@")
      ? [...this.chats.values()].find(({ chat }) => `@${"username" in chat ? chat.username : ""}` === chatId)
      : this.chats.get(Number(chatId));
    if (named === undefined) throw badRequest("chat not found");
    return named;
  }

  record(state: ChatState, record: SentRecord): void {
    state.sent.push(record);
    for (const listener of this.listeners) listener(record);
  }

  addFile(name: string, bytes: Uint8Array, size = bytes.byteLength): StoredFile {
    const number = ++this.#lastFile;
    const file: StoredFile = {
      id: `file-${this.bot.id}-${number}`,
      path: `documents/${number}/${encodeURIComponent(name)}`,
      size,
      bytes,
    };
    this.files.set(file.id, file);
    return file;
  }
}
