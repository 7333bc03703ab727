import { setImmediate } from "node:timers/promises";

/** Rows that one statement writes: a small statement lets chat in between, the embedded database has one connection. */
export const batchSize = 200;

/** The items in runs of at most `size`, in order. */
export function* batches<T>(items: readonly T[], size = batchSize): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) {
    yield items.slice(start, start + size);
  }
}

/**
 * Lets everything else in the process take its turn. The embedded database computes on the main thread and its
 * promises settle without ever leaving it: a loop over queries alone would stop timers and sockets.
 */
export async function takeTurns(): Promise<void> {
  await setImmediate();
}
