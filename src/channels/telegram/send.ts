import type { Opts } from "grammy/types";
import type { ChannelSender, OutgoingPart, SendMarks, SendOutcome } from "../../messaging/delivery.ts";
import type { PlatformAddress } from "../../messaging/platform-event.ts";
import { type ApiFailure, failureOf, type TelegramApi, type TelegramSettings } from "./api.ts";
import { inlineKeyboard } from "./buttons.ts";
import { escapeHtml, plainText } from "./html.ts";
import { Previews } from "./previews.ts";
import { renderMessage } from "./render-message.ts";
import { FloodWatch, outcomeOf } from "./send-outcome.ts";
import { wordingFor } from "./wording.ts";

export interface SenderParts {
  readonly api: TelegramApi;
  readonly settings: Pick<TelegramSettings, "messagesPerSecond" | "messagesPerChatPerSecond">;
  /** Monotonic milliseconds. */
  readonly ticks: () => number;
}

/** Telegram's limit for what a bot sends to one group. */
const perGroupPerMinute = 20;
/** Milliseconds that a send may take. */
const longestSend = 30_000;
const longestTyping = 5_000;
/** Calls for one part: what Telegram certainly did not take may be changed and sent at once. */
const mostCalls = 3;
/** Groups whose new id is remembered. */
const mostMoved = 10_000;

type SendArgs = Opts<"sendMessage">;

/** The way out to Telegram: one message of the Bot API a part. Retry, order and pace are the outbox's. */
export function createTelegramSender({ api, settings, ticks }: SenderParts): ChannelSender {
  const floods = new FloodWatch();
  const previews = new Previews({ api, ticks });
  const moved = new Map<number, number>();

  async function call(args: SendArgs, signal: AbortSignal): Promise<SendOutcome | ApiFailure> {
    if (signal.aborted) return { state: "retry", reason: "not begun" };
    try {
      const sent = await api.call("sendMessage", args, { signal, withinMs: longestSend });
      floods.taken();
      const id: unknown = sent?.message_id;
      return { state: "sent", ...(typeof id === "number" ? { platformId: String(id) } : {}) };
    } catch (error) {
      const failure = failureOf(error);
      if (failure === undefined) throw error;
      return failure;
    }
  }

  function remember(oldId: number, newId: number): void {
    moved.set(oldId, newId);
    const oldest = moved.keys().next().value;
    if (moved.size > mostMoved && oldest !== undefined) moved.delete(oldest);
  }

  return {
    channel: "telegram",
    limits: {
      perSecond: settings.messagesPerSecond,
      perContactPerSecond: settings.messagesPerChatPerSecond,
      perGroupPerMinute,
    },
    // Telegram counts by chat: the members of a group share its limit.
    limitKey: (address) => String(placeOf(address).chatId),
    partsOf: renderMessage,

    async send(address, part, marks, signal) {
      const { chatId } = placeOf(address);
      await previews.settle(chatId);
      let args = messageArgs(address, part, marks);
      for (let calls = 1; ; calls++) {
        const target = Number(args.chat_id);
        args = { ...args, chat_id: moved.get(target) ?? target };
        const result = await call(args, signal);
        if ("state" in result) return result;
        if (result.kind === "refused" && result.migratedTo !== undefined) remember(target, result.migratedTo);
        const mended = calls < mostCalls ? mend(args, result) : undefined;
        if (mended === undefined) return outcomeOf(result, floods, chatId);
        args = mended;
      }
    },

    async typing(address, signal) {
      const { chatId, threadId } = placeOf(address);
      const args = { chat_id: chatId, action: "typing" as const, ...thread(threadId) };
      await api.call("sendChatAction", args, { signal, withinMs: longestTyping }).catch(ignoreFailure);
    },

    async preview(address, replyTo, text, signal) {
      // Telegram shows drafts in private chats only.
      if (address.surface !== "private") return;
      const { chatId, threadId } = placeOf(address);
      await previews.show(chatId, threadId, replyTo, text, signal);
    },
  };
}

function ignoreFailure(error: unknown): void {
  if (failureOf(error) === undefined) throw error;
}

const thread = (threadId: number | undefined) =>
  threadId === undefined ? {} : { message_thread_id: threadId };

/** What `receive.ts` left in the address. */
function placeOf({ data }: PlatformAddress): { chatId: number; threadId?: number; replyTo?: number } {
  const { chatId, threadId, replyTo } = data;
  return {
    chatId: Number(chatId),
    ...(typeof threadId === "number" ? { threadId } : {}),
    ...(typeof replyTo === "number" ? { replyTo } : {}),
  };
}

function messageArgs(address: PlatformAddress, part: OutgoingPart, marks: SendMarks): SendArgs {
  const { chatId, threadId, replyTo } = placeOf(address);
  return {
    chat_id: chatId,
    text: withMarks(part.text, marks),
    parse_mode: "HTML",
    link_preview_options: { is_disabled: true },
    ...thread(threadId),
    // In a group the member must see whose question is answered; a deleted question does not hold the answer back.
    ...(address.surface === "group" && replyTo !== undefined
      ? { reply_parameters: { message_id: replyTo, allow_sending_without_reply: true } }
      : {}),
    ...(part.quickReplies === undefined ? {} : { reply_markup: inlineKeyboard(part.quickReplies) }),
  };
}

function withMarks(html: string, { repeat, late }: SendMarks): string {
  const wording = wordingFor(plainText(html));
  const marks = [...(repeat ? [wording.repeat] : []), ...(late ? [wording.late] : [])];
  return [...marks.map(escapeHtml), html].join("\n");
}

/**
 * The same message in a form that Telegram may take, where it certainly took nothing and it is clear what disturbed it.
 */
function mend(args: SendArgs, failure: ApiFailure): SendArgs | undefined {
  if (failure.kind !== "refused") return undefined;
  // The group became a supergroup, in which the messages have other numbers.
  if (failure.migratedTo !== undefined) return { ...args, chat_id: failure.migratedTo };
  if (failure.code !== 400) return undefined;
  const { description } = failure;
  if (args.parse_mode !== undefined && /can't parse entities/i.test(description)) {
    return without({ ...args, text: plainText(args.text) }, "parse_mode");
  }
  if (
    args.message_thread_id !== undefined &&
    /thread not found|topic_(?:closed|deleted)/i.test(description)
  ) {
    return without(args, "message_thread_id");
  }
  if (args.reply_parameters !== undefined && /repl(?:y|ied)[^.]* not found/i.test(description)) {
    return without(args, "reply_parameters");
  }
  return undefined;
}

function without(args: SendArgs, name: "parse_mode" | "message_thread_id" | "reply_parameters"): SendArgs {
  const { [name]: _left, ...rest } = args;
  return rest;
}
