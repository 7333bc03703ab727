import type { Context, MiddlewareHandler } from "hono";
import { AppError } from "../../errors.ts";
import { bodyInTime } from "./body-in-time.ts";

/** Largest request body in bytes. */
export const largestBody = 64 * 1024;

/**
 * A larger body is still read to its end up to this many bytes, and thrown away: a browser that is cut off while
 * it sends shows a network error instead of the answer.
 */
const largestDiscarded = 2 * 1024 * 1024;

/** Refuses a body above `largestBody` with `http.too_large`, also one that does not say its length. */
export function limitBody(): MiddlewareHandler {
  return async (c, next) => {
    const { body, headers } = c.req.raw;
    const declared = headers.has("transfer-encoding") ? undefined : Number(headers.get("content-length"));
    if (body === null || (declared !== undefined && declared <= largestBody)) {
      return next();
    }
    if (declared !== undefined && declared > largestDiscarded) {
      throw tooLarge(c, "unread");
    }
    const kept = await bodyInTime(c, readBody(c, body));
    c.req.raw = new Request(c.req.raw, { body: kept });
    return next();
  };
}

async function readBody(c: Context, body: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size <= largestBody) {
      chunks.push(chunk);
    } else if (size > largestDiscarded) {
      throw tooLarge(c, "unread");
    }
  }
  if (size > largestBody) {
    throw tooLarge(c, "read");
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function tooLarge(c: Context, rest: "read" | "unread"): AppError {
  if (rest === "unread") {
    // What is still on its way stands between this request and the next one.
    c.header("Connection", "close");
  }
  return new AppError("http.too_large", `The body is larger than ${largestBody} bytes.`);
}
