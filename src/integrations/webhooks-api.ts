import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { AppError } from "../errors.ts";
import { addWebhookEndpoint, type WebhookParts } from "./manage-webhooks.ts";
import { apiKeySecurity, json } from "./openapi-parts.ts";
import type { RequireScope } from "./require-scope.ts";
import { type WebhookEndpoint, type WebhookStore, webhookDeliveryStates } from "./webhook.ts";
import { webhookEventTypes } from "./webhook-event.ts";

export interface WebhooksApiParts extends WebhookParts {
  readonly store: WebhookStore;
}

const eventTypes = z.array(z.enum(webhookEventTypes)).min(1).max(webhookEventTypes.length);

const endpoint = z
  .object({
    id: z.string(),
    url: z.string(),
    events: z.array(z.enum(webhookEventTypes)),
    active: z.boolean().openapi({ description: "False: it answered 410, or was switched off." }),
    createdAt: z.iso.datetime(),
  })
  .openapi("WebhookEndpoint");

const delivery = z
  .object({
    id: z.string().openapi({ description: "The header `Niangjia-Delivery`, the same over all tries." }),
    seq: z.int(),
    type: z.string(),
    state: z.enum(webhookDeliveryStates),
    reason: z.string().optional().openapi({ description: "Why the last try failed, such as `status_500`." }),
    attempts: z.int(),
    data: z.record(z.string(), z.unknown()),
    createdAt: z.iso.datetime(),
    endedAt: z.iso.datetime().optional(),
  })
  .openapi("WebhookDelivery");

const params = z.object({ id: z.string().min(1).max(100) });
const tags = ["for other systems"];
const security = apiKeySecurity;
const description = "Scope `webhooks:manage`.";

/** Webhook endpoints and their deliveries, below `/api/v1/webhooks`. */
export function mountWebhooksApi(
  app: OpenAPIHono,
  parts: WebhooksApiParts,
  requireScope: RequireScope,
): void {
  const { store } = parts;
  const common = { tags, security, description, middleware: requireScope("webhooks:manage") };
  const path = "/api/v1/webhooks";

  const add = createRoute({
    ...common,
    method: "post",
    path,
    summary: "Be told of events",
    request: {
      body: {
        required: true,
        content: { "application/json": { schema: z.object({ url: z.string(), events: eventTypes }) } },
      },
    },
    responses: {
      201: json(
        "The secret verifies the signatures; it is shown once.",
        z.object({ webhook: endpoint, secret: z.string() }),
      ),
    },
  });
  app.openapi(add, async (c) => {
    const { endpoint: added, secret } = await addWebhookEndpoint(parts, c.req.valid("json"));
    return c.json({ webhook: toApiEndpoint(added), secret }, 201);
  });

  const list = createRoute({
    ...common,
    method: "get",
    path,
    summary: "List the webhooks, the oldest first",
    responses: { 200: json("All of them.", z.object({ webhooks: z.array(endpoint) })) },
  });
  app.openapi(list, async (c) => c.json({ webhooks: (await store.list()).map(toApiEndpoint) }, 200));

  const change = createRoute({
    ...common,
    method: "patch",
    path: `${path}/{id}`,
    summary: "Switch a webhook on or off, or choose its events",
    request: {
      params,
      body: {
        required: true,
        content: {
          "application/json": {
            schema: z.object({ active: z.boolean().optional(), events: eventTypes.optional() }),
          },
        },
      },
    },
    responses: { 200: json("As it is now. Switched off, what waited for it is dropped.", endpoint) },
  });
  app.openapi(change, async (c) => {
    const { active, events } = c.req.valid("json");
    const changed = await store.change(c.req.valid("param").id, {
      ...(active === undefined ? {} : { active }),
      ...(events === undefined ? {} : { events: [...new Set(events)] }),
    });
    return c.json(toApiEndpoint(existing(changed)), 200);
  });

  const remove = createRoute({
    ...common,
    method: "delete",
    path: `${path}/{id}`,
    summary: "Remove a webhook and everything that waits for it",
    request: { params },
    responses: { 204: { description: "It is gone." } },
  });
  app.openapi(remove, async (c) => {
    if (!(await store.remove(c.req.valid("param").id))) throw missing();
    return c.body(null, 204);
  });

  const listDeliveries = createRoute({
    ...common,
    method: "get",
    path: `${path}/{id}/deliveries`,
    summary: "See what became of a webhook's events, the newest first",
    request: {
      params,
      query: z.object({
        state: z.enum(webhookDeliveryStates).optional(),
        before: z.coerce
          .number()
          .int()
          .positive()
          .max(Number.MAX_SAFE_INTEGER)
          .optional()
          .openapi({ type: "integer", description: "Only those with a smaller `seq`." }),
        limit: z.coerce.number().int().min(1).max(200).default(50).openapi({ type: "integer" }),
      }),
    },
    responses: { 200: json("A page.", z.object({ deliveries: z.array(delivery) })) },
  });
  app.openapi(listDeliveries, async (c) => {
    const { id } = existing(await store.find(c.req.valid("param").id));
    const { state, before, limit } = c.req.valid("query");
    const deliveries = await store.deliveries(id, {
      limit,
      ...(state === undefined ? {} : { state }),
      ...(before === undefined ? {} : { before }),
    });
    return c.json({ deliveries: deliveries.map((entry) => ({ ...entry, data: { ...entry.data } })) }, 200);
  });
}

const toApiEndpoint = (found: WebhookEndpoint) => ({ ...found, events: [...found.events] });

function existing(found: WebhookEndpoint | undefined): WebhookEndpoint {
  if (found === undefined) throw missing();
  return found;
}

function missing(): AppError {
  return new AppError("http.not_found", "There is no such webhook.");
}
