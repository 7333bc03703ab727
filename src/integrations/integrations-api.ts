import { OpenAPIHono } from "@hono/zod-openapi";
import { AppError } from "../errors.ts";
import { apiErrorResponse } from "./api-errors.ts";
import { type ConversationsApiParts, mountConversationsApi } from "./conversations-api.ts";
import { apiKeyScheme } from "./openapi-parts.ts";
import type { RequireScope } from "./require-scope.ts";
import { mountWebhooksApi, type WebhooksApiParts } from "./webhooks-api.ts";

export interface IntegrationsApiParts extends ConversationsApiParts {
  readonly webhooks: WebhooksApiParts;
  readonly requireScope: RequireScope;
}

/** Everything that other systems may ask for with an API key: returns what mounts it, below `/api/v1`. */
export function createIntegrationsApi({
  webhooks,
  requireScope,
  ...conversations
}: IntegrationsApiParts): (app: OpenAPIHono) => void {
  return (app) => {
    const api = new OpenAPIHono({
      defaultHook: (result) => {
        if (!result.success) {
          const faults = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
          throw new AppError("http.bad_request", "The request has the wrong form.", { details: { faults } });
        }
      },
    });
    api.onError(apiErrorResponse);
    api.openAPIRegistry.registerComponent("securitySchemes", apiKeyScheme, {
      type: "http",
      scheme: "bearer",
      description:
        "An API key, nj_…, made by `npm run admin -- api-key`. Each route names the scope that it needs.",
    });
    mountConversationsApi(api, conversations, requireScope);
    mountWebhooksApi(api, webhooks, requireScope);
    app.route("/", api);
  };
}
