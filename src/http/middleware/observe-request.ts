import type { Context, MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import type { Logger } from "../../telemetry/logger.ts";
import type { HttpObservation } from "../../telemetry/metrics.ts";

export interface ObserveOptions {
  readonly logger: Logger;
  readonly observe: (observation: HttpObservation) => void;
  readonly newId: () => string;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

const requestIds = new WeakMap<Context, string>();

/** The id of the request that a context belongs to. */
export function requestIdOf(c: Context): string {
  return requestIds.get(c) ?? "";
}

const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/**
 * Gives every request an id (`X-Request-Id`; one from outside is not taken over) and records it when its response
 * begins. The log and the figures name the route, never the address that was asked for: it may hold anything.
 */
export function observeRequest({ logger, observe, newId, now }: ObserveOptions): MiddlewareHandler {
  return async (c, next) => {
    const requestId = newId();
    requestIds.set(c, requestId);
    const started = now();
    await next();
    c.res.headers.set("X-Request-Id", requestId);
    const method = methods.has(c.req.method) ? c.req.method : "other";
    const route = routeOf(c);
    const ms = now() - started;
    observe({ method, route, status: c.res.status, seconds: ms / 1_000 });
    const level = route.startsWith("/api/") ? "info" : "debug";
    logger[level]({ requestId, method, route, status: c.res.status, ms: Math.round(ms) }, "request");
  };
}

/** The pattern of the route that answered, or `other`. */
function routeOf(c: Context): string {
  return matchedRoutes(c).findLast(({ path }) => !path.endsWith("*"))?.path ?? "other";
}
