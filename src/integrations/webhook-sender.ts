import type { LaneClaim, LaneStore } from "../messaging/lane-store.ts";
import { backOff, type DeliverParts, type DeliveryTimes, deliverWebhooks } from "./deliver-webhooks.ts";

export interface WebhookSenderOptions extends Omit<DeliverParts, "lanes" | "times"> {
  readonly lanes: LaneStore;
  /** Names this process in leases. */
  readonly owner: string;
  /** Endpoints that are sent to side by side. Default 16. */
  readonly atOnce?: number;
  /**
   * Default: a lease of 30 s (longer than a try), back-off from 5 s to an hour, given up after 24 hours, a look by
   * itself every 10 s, looks at least 200 ms apart however many events come.
   */
  readonly times?: Partial<DeliveryTimes & { readonly poll: number; readonly quiet: number }>;
}

export interface WebhookSender {
  start(): void;
  /** Something may wait: call it whenever the database tells of `webhooksChanged`. */
  wake(): void;
  /** Whether any endpoint is active, as of the last look; true before the first. */
  anyEndpoint(): boolean;
  /** Lets the tries under way end for at most `deadlineMs`, then cuts them off: they are made again later. */
  stop(deadlineMs: number): Promise<void>;
}

const presets = {
  lease: 30_000,
  firstBackOff: 5_000,
  longestBackOff: 3_600_000,
  giveUpAfter: 24 * 3_600_000,
  poll: 10_000,
  quiet: 200,
};

/** Sends webhook events: in order for an endpoint, several endpoints side by side, each held by one process. */
export function createWebhookSender(options: WebhookSenderOptions): WebhookSender {
  const { queue, lanes, owner, logger, random, atOnce = 16 } = options;
  const times = { ...presets, ...options.times };
  const parts: DeliverParts = { ...options, times };
  const ending = new AbortController();
  const cutOff = new AbortController();
  const running = new Set<Promise<void>>();
  let anyActive = true;
  let woken = Promise.withResolvers<void>();
  let looping: Promise<void> | undefined;

  const wake = () => woken.resolve();

  const deliver = async (claim: LaneClaim): Promise<void> => {
    try {
      await deliverWebhooks(parts, claim, { ending: ending.signal, cutOff: cutOff.signal });
    } catch (err) {
      logger.warn({ err, endpointId: claim.key }, "the events of a webhook endpoint could not be sent");
      // Where the database is away, the lease runs out by itself.
      const again = backOff(times, claim.attempts, random());
      await lanes.release(claim, { again }).catch(() => false);
    }
  };

  const start = (claim: LaneClaim) => {
    const delivery = deliver(claim).finally(() => {
      running.delete(delivery);
      // What came in after its last look has no armed lane yet.
      wake();
    });
    running.add(delivery);
  };

  /** Starts what is due; resolves to the milliseconds until the next look. */
  const look = async (): Promise<number> => {
    const { anyActive: active, unarmed } = await queue.look();
    anyActive = active;
    for (const endpointId of unarmed) await lanes.arm("webhook", endpointId, 0);
    const free = atOnce - running.size;
    if (free <= 0) return times.poll;
    for (const claim of await lanes.claim("webhook", owner, free, times.lease)) start(claim);
    return Math.min(times.poll, (await lanes.nextDueIn("webhook")) ?? times.poll);
  };

  const loop = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      woken = Promise.withResolvers();
      let rest = times.poll;
      try {
        rest = await look();
      } catch (err) {
        logger.warn({ err }, "waiting webhook events could not be looked up");
      }
      await pause(times.quiet, ending.signal);
      await pause(rest - times.quiet, ending.signal, woken.promise);
    }
  };

  return {
    start: () => {
      looping ??= loop();
    },
    wake,
    anyEndpoint: () => anyActive,
    stop: async (deadlineMs) => {
      ending.abort();
      const deadline = setTimeout(() => cutOff.abort(), deadlineMs);
      await looping;
      await Promise.all(running);
      clearTimeout(deadline);
    },
  };
}

/** Resolves after so many milliseconds, or earlier when the signal or the promise says so. */
async function pause(ms: number, signal: AbortSignal, early?: Promise<void>): Promise<void> {
  if (ms <= 0 || signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => resolve();
  const timer = setTimeout(end, ms);
  signal.addEventListener("abort", end, { once: true });
  await Promise.race([promise, early ?? promise]);
  clearTimeout(timer);
  signal.removeEventListener("abort", end);
}
