import { DatabaseSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";

/** Milliseconds between two attempts to get the lock. */
const retryAfter = 20;

/** SQLite's code for a lock that somebody else holds. */
const busy = 5;

/**
 * Runs `use` while no other process runs it under the same file, waiting up to `patience` milliseconds for its
 * turn; undefined when that passed. The lock is SQLite's on an empty database: Node offers no other one that
 * the system frees when its holder is killed.
 */
export async function withExclusiveFile<T>(
  file: string,
  patience: number,
  use: () => Promise<T>,
): Promise<T | undefined> {
  const lock = new DatabaseSync(file, { timeout: 0 });
  try {
    for (let waited = 0; !tryLock(lock); waited += retryAfter) {
      if (waited >= patience) {
        return undefined;
      }
      await setTimeout(retryAfter);
    }
    return await use();
  } finally {
    lock.close();
  }
}

function tryLock(lock: DatabaseSync): boolean {
  try {
    lock.exec("begin exclusive");
    return true;
  } catch (error) {
    if (error instanceof Error && "errcode" in error && error.errcode === busy) {
      return false;
    }
    throw error;
  }
}
