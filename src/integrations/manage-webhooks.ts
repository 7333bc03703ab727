import { AppError } from "../errors.ts";
import type { WebhookEndpoint, WebhookStore } from "./webhook.ts";
import { type AddressRules, checkWebhookUrl, type Lookup } from "./webhook-address.ts";
import type { WebhookEventType } from "./webhook-event.ts";

export interface WebhookParts extends AddressRules {
  readonly store: Pick<WebhookStore, "add" | "list">;
  readonly lookup: Lookup;
  /** Cryptographically random bytes. */
  readonly randomBytes: (length: number) => Uint8Array;
}

const mostEndpoints = 50;

/**
 * Adds an endpoint that is told of these events from now on. `secret` verifies the signatures; it is kept sealed and
 * not shown again. Throws `http.bad_request` for an address that events may not be sent to, and beyond 50 endpoints.
 */
export async function addWebhookEndpoint(
  { store, randomBytes, ...address }: WebhookParts,
  { url, events }: { readonly url: string; readonly events: readonly WebhookEventType[] },
): Promise<{ readonly endpoint: WebhookEndpoint; readonly secret: string }> {
  const checked = await checkWebhookUrl(url, address);
  if ((await store.list()).length >= mostEndpoints) {
    const fault = `there are ${mostEndpoints} webhooks already, remove one first`;
    throw new AppError("http.bad_request", `The webhook was refused: ${fault}.`, {
      details: { faults: [fault] },
    });
  }
  const secret = `whsec_${Buffer.from(randomBytes(32)).toString("base64url")}`;
  const endpoint = await store.add({ url: checked, events: [...new Set(events)] }, secret);
  return { endpoint, secret };
}
