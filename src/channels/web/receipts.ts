import type { ConversationStore } from "../../messaging/conversation-store.ts";
import { RecentMap } from "./recent-map.ts";

/** Conversations whose last confirmed place is remembered. */
const mostRemembered = 10_000;

/** What visitors confirm to have. A page that polls says the same again and again: only news reaches the store. */
export class Receipts {
  readonly #conversations: Pick<ConversationStore, "acknowledge">;
  readonly #confirmed = new RecentMap<number>(mostRemembered);

  constructor(conversations: Pick<ConversationStore, "acknowledge">) {
    this.#conversations = conversations;
  }

  /** The visitor has every message up to `seq`; 0: none. */
  async confirm(conversationId: string, seq: number): Promise<void> {
    if (seq === 0 || this.#confirmed.get(conversationId) === seq) {
      return;
    }
    await this.#conversations.acknowledge(conversationId, seq);
    this.#confirmed.set(conversationId, seq);
  }
}
