import type { IncomingMessage } from "node:http";
import type { MiddlewareHandler } from "hono";
import { clientAddress } from "../client-address.ts";
import type { RateLimiter } from "../rate-limiter.ts";

/** Counts the requests of an address; beyond its share they get `http.too_many_requests`. */
export function limitAddress(limiter: RateLimiter, trustProxy: boolean): MiddlewareHandler {
  return async (c, next) => {
    const { incoming } = (c.env ?? {}) as { incoming?: IncomingMessage };
    await limiter.consume(clientAddress(incoming, trustProxy));
    return next();
  };
}
