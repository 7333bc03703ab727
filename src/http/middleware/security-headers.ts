import type { MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";

const self = ["'self'"];
const none = ["'none'"];

/** What the worker's page shows from a visitor's own files comes as an address of the browser. */
const pictures = [...self, "blob:"];

/**
 * Headers that keep pages to their own scripts, styles and connections. Only the worker's page may stand in a frame
 * of the `embedOrigins`. A response that brings a header of its own keeps it. No HSTS: whoever ends TLS in front of
 * the service decides for the whole host.
 */
export function securityHeaders(embedOrigins: readonly string[]): MiddlewareHandler {
  const everywhere = headersFor(self);
  const workersPage = embedOrigins.length === 0 ? everywhere : headersFor([...self, ...embedOrigins]);
  return (c, next) => (c.req.path === "/" ? workersPage : everywhere)(c, next);
}

function headersFor(frameAncestors: string[]): MiddlewareHandler {
  return secureHeaders({
    overwrite: false,
    strictTransportSecurity: false,
    // It knows no other origins; browsers that know `frame-ancestors` do not look at it.
    xFrameOptions: frameAncestors.length === 1,
    contentSecurityPolicy: {
      defaultSrc: none,
      scriptSrc: self,
      styleSrc: self,
      connectSrc: self,
      imgSrc: pictures,
      frameAncestors,
      baseUri: none,
      formAction: none,
    },
  });
}
