import type { MiddlewareHandler } from "hono";
import { AppError } from "../../errors.ts";
import { bodyInTime } from "./body-in-time.ts";

/**
 * Refuses a body that is not JSON in UTF-8: `http.unsupported_media_type` by its content type,
 * `http.bad_request` by its bytes. Undecodable bytes would else become a message of replacement characters.
 */
export function requireJson(): MiddlewareHandler {
  return async (c, next) => {
    if (c.req.method === "GET" || c.req.method === "HEAD") {
      return next();
    }
    const body = await bodyInTime(c, c.req.arrayBuffer());
    if (body.byteLength > 0) {
      if (!/^application\/json\s*(?:;|$)/i.test(c.req.header("content-type") ?? "")) {
        throw new AppError("http.unsupported_media_type", "The content type is not application/json.");
      }
      checkJson(body);
    }
    return next();
  };
}

function checkJson(body: ArrayBuffer): void {
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (cause) {
    throw new AppError("http.bad_request", "The body is not JSON in UTF-8.", { cause });
  }
}
