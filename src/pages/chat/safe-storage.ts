/** What the page keeps on the phone. */
export interface KeyValueStorage {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  remove(key: string): void;
}

type BrowserStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/**
 * Storage that never throws. In private mode, with storage blocked or full, values live in memory until the page
 * is closed. `open` is called once, because merely touching `localStorage` may throw.
 */
export function createSafeStorage(open: () => BrowserStorage): KeyValueStorage {
  const memory = new Map<string, string>();
  let browser: BrowserStorage | undefined;
  try {
    browser = open();
  } catch {
    browser = undefined;
  }
  return {
    get(key) {
      if (memory.has(key)) return memory.get(key);
      try {
        return browser?.getItem(key) ?? undefined;
      } catch {
        return undefined;
      }
    },
    set(key, value) {
      try {
        if (browser !== undefined) {
          browser.setItem(key, value);
          memory.delete(key);
          return;
        }
      } catch {
        // Falls through to memory.
      }
      memory.set(key, value);
    },
    remove(key) {
      memory.delete(key);
      try {
        browser?.removeItem(key);
      } catch {
        // What cannot be removed could not be written either.
      }
    },
  };
}
