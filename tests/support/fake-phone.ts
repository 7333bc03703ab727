import { createApiClient } from "../../src/pages/chat/api-client.ts";
import type { NewVisitor } from "../../src/pages/chat/api-types.ts";
import { type ChatSession, createChatSession } from "../../src/pages/chat/chat-session.ts";
import type { StreamDelays } from "../../src/pages/chat/message-stream.ts";
import { createSafeStorage } from "../../src/pages/chat/safe-storage.ts";

/** Short waits; what gives up a silent stream is long, so that nothing but the case under test ends one. */
export const shortDelays: StreamDelays = {
  firstRetry: 5,
  longestRetry: 20,
  pollPending: 10,
  pollIdle: 20,
  silence: 60_000,
  silenceAfterSending: 60_000,
  pendingCheck: 60_000,
};

export interface PageOptions {
  readonly url?: string;
  readonly delays?: StreamDelays;
  readonly fetch?: typeof fetch;
  /** With what the page begins a conversation. */
  readonly visitor?: NewVisitor;
}

/** A worker's phone: its storage outlives the pages that are opened on it. */
export interface FakePhone {
  /** The phone's clock. */
  now: number;
  /** Opens the page's conversation; a second call is a reload. Message ids are `page0-0`, `page0-1`, … */
  openPage(options?: PageOptions): ChatSession;
  /** Closes every page. */
  close(): void;
}

export function createFakePhone(serverUrl: string): FakePhone {
  const values = new Map<string, string>();
  const storage = createSafeStorage(() => ({
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  }));
  const sessions: ChatSession[] = [];
  const phone: FakePhone = {
    now: 1_800_000_000_000,
    openPage(options = {}) {
      const page = sessions.length;
      let ids = 0;
      const session = createChatSession({
        api: createApiClient({
          fetch: options.fetch ?? fetch,
          baseUrl: options.url ?? serverUrl,
          timeoutMs: 5_000,
        }),
        storage,
        now: () => phone.now,
        newId: () => `page${page}-${ids++}`,
        random: () => 0.5,
        delays: options.delays ?? shortDelays,
        receiptDelayMs: 5,
        ...(options.visitor === undefined ? {} : { visitor: options.visitor }),
      });
      sessions.push(session);
      session.start();
      return session;
    },
    close() {
      for (const session of sessions) session.pause();
    },
  };
  return phone;
}
