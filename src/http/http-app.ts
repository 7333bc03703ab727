import { OpenAPIHono } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { AppError } from "../errors.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { type About, mountAbout } from "./about.ts";
import { errorResponse } from "./error-response.ts";
import { type HealthChecks, mountHealth, type ShownChannel } from "./health.ts";
import { limitAddress } from "./middleware/limit-address.ts";
import { limitBody } from "./middleware/limit-body.ts";
import { observeRequest, requestIdOf } from "./middleware/observe-request.ts";
import { requireJson } from "./middleware/require-json.ts";
import { securityHeaders } from "./middleware/security-headers.ts";
import { mountOpenApi } from "./openapi.ts";
import { type FindPassage, mountPassages } from "./passages.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import { mountStaticPages } from "./static-pages.ts";

export interface HttpAppOptions {
  /** Each adds the routes of one channel or module. */
  readonly routes: readonly ((app: OpenAPIHono) => void)[];
  readonly about: () => About;
  readonly findPassage: FindPassage;
  readonly health: HealthChecks;
  /** How the channels are, as `/readyz` shows it. */
  readonly channels?: () => Readonly<Record<string, ShownChannel>>;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** API requests of one address. */
  readonly addressLimit: RateLimiter;
  readonly trustProxy: boolean;
  /** Paths whose routes take other bodies than JSON and keep their own limits. Default: none. */
  readonly rawPaths?: readonly string[];
  /** Beginnings of paths whose callers are counted otherwise: by their key, or not because it is a platform. */
  readonly uncounted?: readonly string[];
  /** Origins of sites that may show the worker's page in a frame. Default: none. */
  readonly embedOrigins?: readonly string[];
  /** Folder with the built pages; it may be missing. */
  readonly pagesDir: string;
  readonly newId: () => string;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly version: string;
}

/** The middleware for every path but these. */
function exceptFor(paths: readonly string[], middleware: MiddlewareHandler): MiddlewareHandler {
  return (c, next) => (paths.includes(c.req.path) ? next() : middleware(c, next));
}

/** The middleware for every path that does not begin like one of these. */
function exceptBelow(prefixes: readonly string[], middleware: MiddlewareHandler): MiddlewareHandler {
  return (c, next) =>
    prefixes.some((prefix) => c.req.path.startsWith(prefix)) ? next() : middleware(c, next);
}

/** Everything that the service answers over HTTP, ready to be served. */
export function createHttpApp(options: HttpAppOptions): OpenAPIHono {
  const { metrics, logger, newId, now, rawPaths = [], uncounted = [], embedOrigins = [] } = options;
  const app = new OpenAPIHono({
    defaultHook: (result) => {
      if (!result.success) {
        throw new AppError("http.bad_request", "The request has the wrong form.");
      }
    },
  });
  app.onError((error, c) => errorResponse(c, error, logger, requestIdOf(c)));
  app.notFound((c) => {
    const unknown = new AppError("http.not_found", "There is no such route.");
    return errorResponse(c, unknown, logger, requestIdOf(c));
  });

  app.use(observeRequest({ logger, newId, now, observe: (observation) => metrics.httpRequest(observation) }));
  app.use(securityHeaders(embedOrigins));
  app.use("/api/*", exceptBelow(uncounted, limitAddress(options.addressLimit, options.trustProxy)));
  app.use("/api/*", exceptFor(rawPaths, limitBody()), exceptFor(rawPaths, requireJson()));
  app.use("/api/*", async (c, next) => {
    await next();
    // Conversations must not stay in a shared phone's cache.
    if (!c.res.headers.has("Cache-Control")) {
      c.res.headers.set("Cache-Control", "no-store");
    }
  });

  for (const mount of options.routes) {
    mount(app);
  }
  mountAbout(app, options.about);
  mountPassages(app, options.findPassage);
  mountOpenApi(app, options.version);
  mountHealth(app, options.health, options.channels);
  app.get("/metrics", async (c) => {
    const { text, contentType } = await metrics.expose();
    return c.text(text, 200, { "Content-Type": contentType });
  });
  mountStaticPages(app, options.pagesDir);
  return app;
}
