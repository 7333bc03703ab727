import { within } from "../waiting.ts";

/** The promise, or a `TimeoutError` where it takes longer than so many milliseconds. */
export async function inTime<T>(ms: number, promise: Promise<T>): Promise<T> {
  const value = await within(ms, promise);
  if (value === "late") throw new DOMException("It takes too long.", "TimeoutError");
  return value;
}
