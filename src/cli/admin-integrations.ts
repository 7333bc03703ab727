import { z } from "zod";
import { AppError } from "../errors.ts";
import { type ApiKey, apiScopes } from "../integrations/api-key.ts";
import {
  type ApiKeyParts,
  createApiKey,
  listApiKeys,
  revokeApiKey,
} from "../integrations/manage-api-keys.ts";
import { addWebhookEndpoint, type WebhookParts } from "../integrations/manage-webhooks.ts";
import type { WebhookEndpoint, WebhookStore } from "../integrations/webhook.ts";
import { webhookEventTypes } from "../integrations/webhook-event.ts";
import type { ControlHandler } from "../storage/control-protocol.ts";

export interface IntegrationParts {
  readonly apiKeys: ApiKeyParts;
  readonly webhooks: WebhookParts & { readonly store: Pick<WebhookStore, "add" | "list" | "remove"> };
}

export interface IntegrationResults {
  /** `secret` is shown this once. */
  readonly "admin.api-key.create": { readonly key: ApiKey; readonly secret: string };
  readonly "admin.api-key.list": readonly ApiKey[];
  readonly "admin.api-key.revoke": { readonly id: string };
  /** `secret` is shown this once. */
  readonly "admin.webhook.add": { readonly endpoint: WebhookEndpoint; readonly secret: string };
  readonly "admin.webhook.list": readonly WebhookEndpoint[];
  readonly "admin.webhook.remove": { readonly id: string };
}

const createArgs = z.object({ name: z.string(), scopes: z.array(z.enum(apiScopes)).min(1) });
const addArgs = z.object({ url: z.string(), events: z.array(z.enum(webhookEventTypes)).min(1) });
const idArgs = z.object({ id: z.string() });

/** Keys for other systems, and where those are told of events. */
export function integrationCommands({
  apiKeys,
  webhooks,
}: IntegrationParts): Record<keyof IntegrationResults, ControlHandler> {
  return {
    "admin.api-key.create": (args: unknown) => createApiKey(apiKeys, createArgs.parse(args)),
    "admin.api-key.list": () => listApiKeys(apiKeys),
    "admin.api-key.revoke": async (args: unknown) => {
      const { id } = idArgs.parse(args);
      const keys = await listApiKeys(apiKeys);
      if (!keys.some((key) => key.id === id && key.revokedAt === undefined))
        throw new AppError("admin.refused", `没有编号为 ${id} 的有效密钥，用 admin api-key list 查看编号`);
      await revokeApiKey(apiKeys, id);
      return { id };
    },
    "admin.webhook.add": (args: unknown) => addEndpoint(webhooks, addArgs.parse(args)),
    "admin.webhook.list": () => webhooks.store.list(),
    "admin.webhook.remove": async (args: unknown) => {
      const { id } = idArgs.parse(args);
      if (!(await webhooks.store.remove(id)))
        throw new AppError("admin.refused", `没有编号为 ${id} 的推送地址，用 admin webhook list 查看编号`);
      return { id };
    },
  };
}

async function addEndpoint(
  webhooks: WebhookParts,
  endpoint: z.output<typeof addArgs>,
): Promise<IntegrationResults["admin.webhook.add"]> {
  try {
    return await addWebhookEndpoint(webhooks, endpoint);
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== "http.bad_request") throw cause;
    const hint = "要用公网的 https:// 地址；要推送到内网，请设置 WEBHOOKS_TO_PRIVATE=yes";
    throw new AppError("admin.refused", `这个地址不能用，${hint}（${cause.message}）`, { cause });
  }
}
