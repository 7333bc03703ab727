import type { MiddlewareHandler } from "hono";
import { AppError } from "../errors.ts";
import type { ApiScope } from "./api-key.ts";
import type { VerifyApiKey } from "./verify-api-key.ts";

export interface RequireScopeParts {
  readonly verify: VerifyApiKey;
  /** Requests of one key; throws `http.too_many_requests` when it has used up its share. */
  readonly limit: { consume(keyId: string): Promise<void> };
}

/** Makes middleware that lets only keys with a scope pass. */
export type RequireScope = (scope: ApiScope) => MiddlewareHandler;

/** The middleware throws `http.unauthorized`, `http.too_many_requests` and `http.forbidden`, in this order. */
export function createRequireScope({ verify, limit }: RequireScopeParts): RequireScope {
  return (scope) => async (c, next) => {
    const key = await verify(c.req.header("authorization"));
    await limit.consume(key.id);
    if (!key.scopes.includes(scope)) {
      throw new AppError("http.forbidden", `The API key has not the scope ${scope}.`, { details: { scope } });
    }
    return next();
  };
}
