import type { TelegramApi } from "./api.ts";
import { failureOf } from "./api.ts";
import { longestText } from "./render-message.ts";

/** Milliseconds between two drafts of one chat. */
const leastBetween = 1_000;
/** Milliseconds that a draft may take, and that a message waits for the draft before it. */
const longestDraft = 3_000;
/** Chats whose last draft is remembered. */
const mostChats = 10_000;

export interface PreviewParts {
  readonly api: TelegramApi;
  /** Monotonic milliseconds. */
  readonly ticks: () => number;
}

interface ChatDrafts {
  /** No draft before this moment. */
  quietUntil: number;
  underWay?: Promise<void>;
}

/**
 * Shows a reply while it is made, as a draft of the Bot API, which the sent message replaces. A draft that comes too
 * early is left out: the next one holds its text too.
 */
export class Previews {
  readonly #api: TelegramApi;
  readonly #ticks: () => number;
  readonly #chats = new Map<number, ChatDrafts>();

  constructor({ api, ticks }: PreviewParts) {
    this.#api = api;
    this.#ticks = ticks;
  }

  async show(
    chatId: number,
    threadId: number | undefined,
    replyTo: string,
    text: string,
    signal: AbortSignal,
  ) {
    const known = this.#chats.get(chatId);
    const now = this.#ticks();
    if (signal.aborted || text.trim() === "" || (known !== undefined && now < known.quietUntil)) return;
    const chat: ChatDrafts = { quietUntil: now + leastBetween };
    this.#remember(chatId, chat);
    const draft = this.#draft(chatId, threadId, replyTo, text, signal).then((quietMs) => {
      chat.quietUntil = Math.max(chat.quietUntil, this.#ticks() + quietMs);
      delete chat.underWay;
    });
    chat.underWay = draft;
    await draft;
  }

  /** Waits for a draft under way, so that it is not shown after the message that replaces it. */
  async settle(chatId: number): Promise<void> {
    await this.#chats.get(chatId)?.underWay;
  }

  /** Resolves to the milliseconds for which Telegram wants no further draft. */
  async #draft(
    chatId: number,
    threadId: number | undefined,
    replyTo: string,
    text: string,
    signal: AbortSignal,
  ): Promise<number> {
    const args = {
      chat_id: chatId,
      draft_id: draftId(replyTo),
      text: newest(text),
      ...(threadId === undefined ? {} : { message_thread_id: threadId }),
    };
    try {
      await this.#api.call("sendMessageDraft", args, { signal, withinMs: longestDraft });
      return 0;
    } catch (error) {
      const failure = failureOf(error);
      return failure?.kind === "refused" ? (failure.retryAfterMs ?? leastBetween) : leastBetween;
    }
  }

  #remember(chatId: number, chat: ChatDrafts): void {
    this.#chats.delete(chatId);
    this.#chats.set(chatId, chat);
    const oldest = this.#chats.keys().next().value;
    if (this.#chats.size > mostChats && oldest !== undefined) this.#chats.delete(oldest);
  }
}

/** Drafts of one reply have one number, which may not be 0: Telegram then shows how the text grows. */
function draftId(replyTo: string): number {
  let hash = 0;
  for (const sign of replyTo) hash = (Math.imul(hash, 31) + (sign.codePointAt(0) ?? 0)) | 0;
  return ((hash >>> 0) % 0x7fff_fffe) + 1;
}

/** The end of a text too long for one draft: it is what is new. */
function newest(text: string): string {
  return text.length <= longestText ? text : `…${text.slice(1 - longestText)}`.toWellFormed();
}
