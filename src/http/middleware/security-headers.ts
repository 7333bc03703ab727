import type { MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";

const self = ["'self'"];
const none = ["'none'"];

/**
 * Headers that keep pages to their own scripts, styles and connections. No HSTS: whoever ends TLS in front of the
 * service decides for the whole host.
 */
export function securityHeaders(): MiddlewareHandler {
  return secureHeaders({
    strictTransportSecurity: false,
    contentSecurityPolicy: {
      defaultSrc: none,
      scriptSrc: self,
      styleSrc: self,
      connectSrc: self,
      imgSrc: self,
      frameAncestors: self,
      baseUri: none,
      formAction: none,
    },
  });
}
