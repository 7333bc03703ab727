import type { Entry } from "./entry.ts";
import { createSafeStorage, type KeyValueStorage } from "./safe-storage.ts";
import { draftKey, identifiedKey, outboxKey, tokenKey, trayKey } from "./storage-keys.ts";

interface BrowserStorages {
  readonly localStorage: Storage;
  readonly sessionStorage: Storage;
}

/**
 * Where the conversation of this visit is kept. That of a visitor who is logged in elsewhere ends with the tab: on
 * a shared phone it must not be the next one's. A fresh identity begins with nothing of a former one.
 */
export function conversationStorage(browser: BrowserStorages, { identity }: Entry): KeyValueStorage {
  const session = createSafeStorage(() => browser.sessionStorage);
  if (identity !== undefined) {
    for (const key of [tokenKey, outboxKey, draftKey, trayKey]) session.remove(key);
    session.set(identifiedKey, "yes");
  }
  return session.get(identifiedKey) === undefined ? createSafeStorage(() => browser.localStorage) : session;
}
