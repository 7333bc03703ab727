import type { Context } from "hono";
import { AppError } from "../../errors.ts";

/** Milliseconds in which a body of JSON must have come: slow senders hold a connection. */
const bodyTimeout = 30_000;

/** What is read from a request's body. Throws `http.bad_request` where it takes too long, and gives the connection up. */
export async function bodyInTime<T>(c: Context, reading: Promise<T>, timeoutMs = bodyTimeout): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    c.header("Connection", "close");
    late.reject(new AppError("http.bad_request", `The body did not come within ${timeoutMs} ms.`));
  }, timeoutMs);
  try {
    return await Promise.race([reading, late.promise]);
  } finally {
    clearTimeout(timer);
    // It fails when the connection ends, and nobody waits for it any more.
    reading.catch(() => {});
  }
}
