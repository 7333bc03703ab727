import type { LaneClaim } from "../messaging/lane-store.ts";
import type { WebhookEventType } from "./webhook-event.ts";

/** Where another system is told of events, without the secret that signs them: it is shown once. */
export interface WebhookEndpoint {
  readonly id: string;
  readonly url: string;
  readonly events: readonly WebhookEventType[];
  /** False after it answered 410, or was switched off: it is told of nothing. */
  readonly active: boolean;
  /** ISO timestamp. */
  readonly createdAt: string;
}

export const webhookDeliveryStates = ["queued", "sent", "failed"] as const;
export type WebhookDeliveryState = (typeof webhookDeliveryStates)[number];

/** One event on its way to one endpoint. */
export interface WebhookDelivery {
  /** Stays the same over all tries: the receiver knows a repeat by it. */
  readonly id: string;
  /** Grows with every event; the cursor of the list. */
  readonly seq: number;
  readonly type: string;
  readonly state: WebhookDeliveryState;
  /** Why the last try, or the delivery, failed: a code without content. */
  readonly reason?: string;
  readonly attempts: number;
  readonly data: Readonly<Record<string, unknown>>;
  /** ISO timestamps. */
  readonly createdAt: string;
  readonly endedAt?: string;
}

export interface DeliveryQuery {
  readonly state?: WebhookDeliveryState;
  /** Only deliveries with a smaller `seq`. */
  readonly before?: number;
  readonly limit: number;
}

/** Endpoints and what became of their events. Implemented in `storage/`. */
export interface WebhookStore {
  add(endpoint: Pick<WebhookEndpoint, "url" | "events">, secret: string): Promise<WebhookEndpoint>;
  /** The oldest first. */
  list(): Promise<WebhookEndpoint[]>;
  find(id: string): Promise<WebhookEndpoint | undefined>;
  /** Switched off, what waits for it is `failed`. Undefined where there is no such endpoint. */
  change(
    id: string,
    change: { readonly active?: boolean; readonly events?: readonly WebhookEventType[] },
  ): Promise<WebhookEndpoint | undefined>;
  /** With everything that waits for it; false where there is no such endpoint. */
  remove(id: string): Promise<boolean>;
  /** The newest first. */
  deliveries(endpointId: string, query: DeliveryQuery): Promise<WebhookDelivery[]>;
  /** Forgets deliveries that ended before; resolves to their number. */
  removeEnded(before: Date): Promise<number>;
}

/** An event as the sender sees it. */
export interface QueuedWebhookEvent {
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly createdAt: string;
}

export interface WebhookWork {
  readonly url: string;
  readonly secret: string;
  /** In the order in which they go out. */
  readonly events: readonly QueuedWebhookEvent[];
}

/** What the sender needs. Everything that takes a claim changes nothing, and says false, where it was lost. */
export interface WebhookQueue {
  /** Whether any endpoint is active, and which of them have events that no lane is armed for. */
  look(): Promise<{ readonly anyActive: boolean; readonly unarmed: readonly string[] }>;
  /** Undefined where the endpoint is gone or switched off. */
  load(claim: LaneClaim, limit: number): Promise<WebhookWork | undefined>;
  /** Counts a try before it is made, and renews the lease. */
  begin(claim: LaneClaim, eventId: string, leaseMs: number): Promise<boolean>;
  sent(claim: LaneClaim, eventId: string): Promise<boolean>;
  /** Notes why a try failed; the event waits on. */
  leave(claim: LaneClaim, eventId: string, reason: string): Promise<boolean>;
  /** Gives up what waits since this moment or longer: the first one, and what could not be tried behind it. */
  giveUp(claim: LaneClaim, since: Date): Promise<boolean>;
  /** The endpoint is told of nothing more. */
  disable(claim: LaneClaim, reason: string): Promise<boolean>;
}
