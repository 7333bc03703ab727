import type { SendOutcome } from "../../messaging/delivery.ts";
import type { ApiFailure } from "./api.ts";

/** Milliseconds for which nothing is sent after an answer that concerns the whole bot. */
const botTrouble = 60_000;

/**
 * 400s that say that this chat takes no message from the bot, whatever it is. Everything else with 400 is about the
 * one message.
 */
const closedChat =
  /chat not found|user not found|peer_id_invalid|user is deactivated|bot was (?:blocked|kicked)|group chat was deactivated|not enough rights to send|have no rights to send|chat_write_forbidden|chat_restricted|need administrator rights/i;

/**
 * What a failed `sendMessage` means for the message.
 *
 * - 429: Telegram refuses before it takes the message. It does not say whether the chat or the bot is too fast;
 *   `floods` finds out.
 * - 500, 503: the Bot API server itself says that it could not do it ("Internal Server Error: restart"): tried again.
 * - 502, 504 and 408: said by a proxy in front of it, which does not know what became of the request. Sends that were
 *   repeated after a 502 have arrived twice in practice: open.
 * - 401, 404 and redirections are about the token or the address of the Bot API, never about the message: it waits
 *   until somebody has mended the setting.
 */
export function outcomeOf(failure: ApiFailure, floods: FloodWatch, chatId: number): SendOutcome {
  if (failure.kind === "unsent") return { state: "retry", reason: failure.reason };
  if (failure.kind === "unanswered") return { state: "unknown", reason: failure.reason };
  const { code, description, retryAfterMs } = failure;
  const reason = `${code} ${description}`;
  if (code === 429) {
    const afterMs = retryAfterMs ?? 1_000;
    return { state: "retry", reason, afterMs, scope: floods.refused(chatId) };
  }
  if (code === 408 || code === 502 || code === 504) return { state: "unknown", reason };
  if (code >= 500)
    return { state: "retry", reason, ...(retryAfterMs === undefined ? {} : { afterMs: retryAfterMs }) };
  if (code === 401 || code === 404 || code < 400) {
    return { state: "retry", reason, afterMs: botTrouble, scope: "channel" };
  }
  // 403: blocked, kicked, deactivated, never written to us.
  if (code === 403 || closedChat.test(description)) return { state: "unreachable", reason };
  return { state: "failed", reason };
}

/** So many chats refused one after the other, with nothing taken in between, and it is the bot that is too fast. */
const chatsOfAFlood = 5;

/** Tells a limit of one chat from that of the whole bot. */
export class FloodWatch {
  readonly #refusedChats = new Set<number>();

  /** A chat was refused: whom to stop sending to. */
  refused(chatId: number): "contact" | "channel" {
    this.#refusedChats.add(chatId);
    return this.#refusedChats.size >= chatsOfAFlood ? "channel" : "contact";
  }

  taken(): void {
    this.#refusedChats.clear();
  }
}
