import type { LaneClaim, LaneStore } from "../messaging/lane-store.ts";
import type { WebhookOutcome, WebhookPost } from "./post-webhook.ts";
import { signWebhook } from "./sign-webhook.ts";
import type { QueuedWebhookEvent, WebhookQueue, WebhookWork } from "./webhook.ts";

export interface DeliverParts {
  readonly queue: WebhookQueue;
  readonly lanes: Pick<LaneStore, "release" | "arm">;
  readonly http: Pick<WebhookPost, "post">;
  readonly now: () => Date;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly logger: {
    warn(details: Readonly<Record<string, unknown>>, message: string): void;
  };
  readonly times: DeliveryTimes;
}

/** All in milliseconds. */
export interface DeliveryTimes {
  readonly lease: number;
  /** Until an endpoint that failed is tried again; doubled up to `longestBackOff`, of which at least half is kept. */
  readonly firstBackOff: number;
  readonly longestBackOff: number;
  /** After which an event that cannot be delivered is given up. */
  readonly giveUpAfter: number;
}

export interface DeliverSignals {
  /** Begins nothing new. */
  readonly ending: AbortSignal;
  /** Cuts off the try under way. */
  readonly cutOff: AbortSignal;
}

/** Events of one endpoint for which its lane is held without others getting a turn. */
const batch = 100;

/**
 * Sends what waits for one endpoint, in order, one at a time, until a batch is done or a try fails; then gives the
 * lane back. Where the claim is lost, somebody else goes on.
 */
export async function deliverWebhooks(
  parts: DeliverParts,
  claim: LaneClaim,
  { ending, cutOff }: DeliverSignals,
): Promise<void> {
  const { queue, lanes, times } = parts;
  const work = await queue.load(claim, batch);
  if (work === undefined) {
    await lanes.release(claim);
    return;
  }
  let anySent = false;
  for (const event of work.events) {
    if (ending.aborted) {
      await lanes.release(claim, { again: 0 });
      return;
    }
    if (!(await queue.begin(claim, event.id, times.lease))) return;
    const outcome = await send(parts, work, event, cutOff);
    if (outcome.state !== "sent") return afterFailure(parts, claim, event, outcome, { anySent, cutOff });
    if (!(await queue.sent(claim, event.id))) return;
    anySent = true;
  }
  await lanes.release(claim);
}

/** Milliseconds until the next try after so many that failed in a row. */
export function backOff(
  { firstBackOff, longestBackOff }: DeliveryTimes,
  failures: number,
  random: number,
): number {
  const longest = Math.min(longestBackOff, firstBackOff * 2 ** Math.min(failures - 1, 30));
  return longest * (0.5 + random / 2);
}

function send(
  { http, now }: DeliverParts,
  { url, secret }: Pick<WebhookWork, "url" | "secret">,
  { id, type, data, createdAt }: QueuedWebhookEvent,
  signal: AbortSignal,
): Promise<WebhookOutcome> {
  const body = JSON.stringify({ id, type, createdAt, data });
  const headers = {
    "Content-Type": "application/json; charset=utf-8",
    "User-Agent": "Niangjia-Webhook/1",
    "Niangjia-Event": type,
    "Niangjia-Delivery": id,
    "Niangjia-Signature": signWebhook(secret, body, now()),
  };
  return http.post({ url, headers, body }, signal);
}

async function afterFailure(
  { queue, lanes, logger, now, random, times }: DeliverParts,
  claim: LaneClaim,
  event: QueuedWebhookEvent,
  outcome: Exclude<WebhookOutcome, { state: "sent" }>,
  { anySent, cutOff }: { readonly anySent: boolean; readonly cutOff: AbortSignal },
): Promise<void> {
  const logged = { endpointId: claim.key, eventId: event.id };
  if (outcome.state === "gone") {
    await queue.disable(claim, "status_410");
    await lanes.release(claim);
    logger.warn(logged, "a webhook endpoint answered 410 and was switched off");
    return;
  }
  if (cutOff.aborted) {
    await lanes.release(claim, { again: 0 });
    return;
  }
  await queue.leave(claim, event.id, outcome.reason);
  const before = new Date(now().getTime() - times.giveUpAfter);
  if (new Date(event.createdAt) <= before) {
    await queue.giveUp(claim, before);
    // The next one is tried at once, but its failure counts on.
    await lanes.release(claim, { again: 0 });
    logger.warn({ ...logged, reason: outcome.reason }, "webhook events were given up");
    return;
  }
  const wished = Math.min(outcome.afterMs ?? 0, times.longestBackOff);
  const again = Math.max(wished, backOff(times, anySent ? 1 : claim.attempts, random()));
  if (!anySent) {
    await lanes.release(claim, { again });
  } else if (await lanes.release(claim)) {
    // The endpoint worked in between: the count of its failures begins anew.
    await lanes.arm("webhook", claim.key, again);
  }
}
