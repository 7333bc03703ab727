import { setTimeout as delay } from "node:timers/promises";
import type { Update, WebhookInfo } from "grammy/types";
import { Refusal } from "./refusal.ts";

export type UpdateKind = Exclude<keyof Update, "update_id">;

/** Kinds that come only where they are asked for by name. */
const onRequest = new Set<UpdateKind>(["chat_member", "message_reaction", "message_reaction_count"]);

interface Poll {
  readonly limit: number;
  resolve(updates: Update[]): void;
  reject(refusal: Refusal): void;
  readonly timer: NodeJS.Timeout;
  woken?: boolean;
}

interface Webhook {
  readonly url: string;
  readonly secret?: string;
}

export interface UpdatesOptions {
  /** Milliseconds before an update that a webhook did not take is sent again; doubled up to 16 times as much. */
  readonly webhookRetryMs: number;
  readonly firstUpdateId: number;
}

/** What waits for the bot: handed out by long polling or to a webhook, and kept until it is confirmed. */
export class Updates {
  readonly #options: UpdatesOptions;
  readonly #waiting = new Map<number, Update>();
  #nextId: number;
  #allowed: ReadonlySet<string> | undefined;
  #poll: Poll | undefined;
  #webhook: Webhook | undefined;
  #lastError: { date: number; message: string } | undefined;
  /** What a webhook is to get, by chat; the first of each is on its way. */
  readonly #queues = new Map<string, Update[]>();
  readonly #closing = new AbortController();

  constructor(options: UpdatesOptions) {
    this.#options = options;
    this.#nextId = options.firstUpdateId;
  }

  /** Updates that are not confirmed. */
  get pending(): Update[] {
    return [...this.#waiting.values()];
  }

  /** Makes an update of it, unless the bot wants none of this kind. `chat` keeps the order of one chat. */
  add(content: Omit<Update, "update_id">, kind: UpdateKind): Update | undefined {
    const wanted = this.#allowed === undefined ? !onRequest.has(kind) : this.#allowed.has(kind);
    if (!wanted) return undefined;
    const update: Update = { update_id: this.#nextId++, ...content };
    this.inject(update);
    return update;
  }

  /** Puts in an update as it is, of whatever kind and form. */
  inject(update: Update): void {
    this.#waiting.set(update.update_id, update);
    this.#nextId = Math.max(this.#nextId, update.update_id + 1);
    if (this.#webhook === undefined) this.#hand();
    else this.#enqueue(update);
  }

  allow(kinds: readonly string[] | undefined): void {
    if (kinds !== undefined) this.#allowed = kinds.length === 0 ? undefined : new Set(kinds);
  }

  /** Long polling. A newer poll ends an older one with 409. */
  poll(offset: number, limit: number, seconds: number, gone: AbortSignal): Promise<Update[]> {
    if (this.#webhook !== undefined) {
      throw new Refusal(
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
      );
    }
    this.#poll?.reject(
      new Refusal(
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
      ),
    );
    this.#confirm(offset);
    if (this.#waiting.size > 0 || seconds === 0) return Promise.resolve(this.#first(limit));
    return new Promise((resolve, reject) => {
      const end = (then: () => void) => {
        clearTimeout(poll.timer);
        if (this.#poll === poll) this.#poll = undefined;
        then();
      };
      const poll: Poll = {
        limit,
        resolve: (updates) => end(() => resolve(updates)),
        reject: (refusal) => end(() => reject(refusal)),
        timer: setTimeout(() => poll.resolve([]), seconds * 1_000),
      };
      this.#poll = poll;
      gone.addEventListener("abort", () => poll.resolve([]), { once: true });
    });
  }

  setWebhook(webhook: Webhook | undefined, dropPending: boolean): void {
    this.#webhook = webhook;
    this.#lastError = undefined;
    this.#queues.clear();
    if (dropPending) this.#waiting.clear();
    if (webhook === undefined) return;
    this.#poll?.reject(new Refusal(409, "Conflict: terminated by setWebhook request"));
    for (const update of this.#waiting.values()) this.#enqueue(update);
  }

  get webhook(): WebhookInfo {
    return {
      url: this.#webhook?.url ?? "",
      has_custom_certificate: false,
      pending_update_count: this.#waiting.size,
      ...(this.#lastError === undefined
        ? {}
        : { last_error_date: this.#lastError.date, last_error_message: this.#lastError.message }),
      ...(this.#allowed === undefined ? {} : { allowed_updates: [...this.#allowed] as UpdateKind[] }),
    };
  }

  close(): void {
    this.#closing.abort();
    this.#webhook = undefined;
    this.#poll?.resolve([]);
  }

  #confirm(offset: number): void {
    // A negative offset counts from the end and forgets what is before.
    const kept = offset < 0 ? new Set([...this.#waiting.keys()].slice(offset)) : undefined;
    for (const id of this.#waiting.keys()) {
      if (kept === undefined ? id < offset : !kept.has(id)) this.#waiting.delete(id);
    }
  }

  #first(limit: number): Update[] {
    const first: Update[] = [];
    for (const update of this.#waiting.values()) {
      if (first.push(update) >= limit) break;
    }
    return first;
  }

  #hand(): void {
    const poll = this.#poll;
    if (poll === undefined || poll.woken) return;
    poll.woken = true;
    // Those that come in the same tick go out together.
    setImmediate(() => {
      if (this.#poll === poll) poll.resolve(this.#first(poll.limit));
    });
  }

  /** To the webhook: in order within a chat, side by side otherwise. */
  #enqueue(update: Update): void {
    const chat = chatOf(update);
    const queue = this.#queues.get(chat);
    if (queue !== undefined) {
      queue.push(update);
      return;
    }
    const begun = [update];
    this.#queues.set(chat, begun);
    void this.#drain(chat, begun);
  }

  async #drain(chat: string, queue: Update[]): Promise<void> {
    let tries = 0;
    for (let update = queue[0]; update !== undefined && this.#queues.get(chat) === queue; update = queue[0]) {
      const webhook = this.#webhook;
      const problem = webhook === undefined ? undefined : await post(webhook, update, this.#closing.signal);
      if (webhook === undefined || this.#closing.signal.aborted) return;
      if (problem === undefined) {
        this.#waiting.delete(update.update_id);
        queue.shift();
        tries = 0;
        continue;
      }
      this.#lastError = { date: Math.floor(Date.now() / 1_000), message: problem };
      const wait = this.#options.webhookRetryMs * 2 ** Math.min(tries++, 4);
      await delay(wait, undefined, { signal: this.#closing.signal }).catch(() => undefined);
    }
    if (this.#queues.get(chat) === queue) this.#queues.delete(chat);
  }
}

async function post(
  { url, secret }: Webhook,
  update: Update,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const headers = {
      "content-type": "application/json",
      ...(secret === undefined ? {} : { "x-telegram-bot-api-secret-token": secret }),
    };
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(update), signal });
    await response.arrayBuffer();
    return response.ok
      ? undefined
      : `Wrong response from the webhook: ${response.status} ${response.statusText}`;
  } catch {
    return "Connection refused";
  }
}

function chatOf(update: Update): string {
  const { message, edited_message, callback_query, my_chat_member } = update;
  const chat = message?.chat ?? edited_message?.chat ?? callback_query?.message?.chat ?? my_chat_member?.chat;
  return chat === undefined ? `update ${update.update_id}` : String(chat.id);
}
