/** Resolves after so many milliseconds, or at once when the signal aborts: whoever waits looks at the signal. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const timer = setTimeout(end, Math.max(0, ms));
    function end() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    }
    signal?.addEventListener("abort", end, { once: true });
  });
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/**
 * What a promise comes to within so many milliseconds; `late` where it takes longer. What comes of it later is left
 * alone, a rejection too.
 */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T | "late"> {
  promise.catch(() => {});
  const clock = new AbortController();
  const late = pause(ms, clock.signal).then(() => "late" as const);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clock.abort();
  }
}
