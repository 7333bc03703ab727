import { setTimeout as sleep } from "node:timers/promises";
import type { ChannelSender, Delivery, OutboxStore, OutgoingPart, SendOutcome } from "./delivery.ts";
import type { LaneClaim, LaneStore } from "./lane-store.ts";
import { LaneWorker } from "./lane-worker.ts";
import type { PlatformAddress } from "./platform-event.ts";
import type { RoadLogger, RoadObserver } from "./road-observer.ts";
import { SendRate } from "./send-rate.ts";

export interface OutboxOptions {
  readonly sender: ChannelSender;
  readonly lanes: LaneStore;
  readonly store: OutboxStore;
  readonly owner: string;
  /** Whether this process sends for the channel, and the channel can be sent to now. */
  readonly maySend: () => boolean;
  readonly logger: RoadLogger;
  readonly observer: Pick<RoadObserver, "deliveryEnded" | "leaseLost">;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Number from 0 to 1 for the jitter. */
  readonly random: () => number;
  /** Contacts that are sent to side by side. Default 16. */
  readonly concurrency?: number;
  /** An answer of the platform that takes longer, in milliseconds, leaves the outcome open. Default 20 000. */
  readonly sendTimeoutMs?: number;
  /** Milliseconds after which a message says that it is late. Default 600 000. */
  readonly lateMs?: number;
  /** Milliseconds before the second try; doubled up to five minutes. Default 1 000. */
  readonly retryMs?: number;
  readonly leaseMs?: number;
  readonly pollMs?: number;
}

/** Messages of one contact that are loaded at once. */
const batch = 20;
/** How often the outcome of one message may stay open before its ledger ends as `unknown`. */
const mostUnknowns = 5;
/** A message that no platform took in this time, in milliseconds, is given up: two days. */
const giveUpAfter = 48 * 3_600_000;
const longestRetry = 300_000;
/** A contact's limit that lasts longer is not waited for: the lane is given back. */
const patience = 2_000;

interface PartCall {
  readonly part: OutgoingPart;
  readonly isRepeat: boolean;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly signal: AbortSignal;
}

/** What goes on after one message: the next one; later; nothing, the claim is gone or the contact is. */
type Next = { readonly go: "on" } | { readonly go: "later"; readonly ms: number } | { readonly go: "end" };

/**
 * Hands messages of the ledger over to a platform: in order for each contact, within the platform's limits, with
 * retry. What was `sending` when its process died, or got no answer, may have arrived: it is sent again, marked.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #rate: SendRate;
  readonly #worker: LaneWorker;
  #pausedUntil = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#rate = new SendRate(options.sender.limits, options.now);
    const { sender, lanes, owner, logger, observer, concurrency = 16, leaseMs = 60_000, pollMs } = options;
    this.#worker = new LaneWorker({
      kind: `send:${sender.channel}`,
      lanes,
      owner,
      concurrency,
      logger,
      leaseMs,
      mayClaim: () => options.maySend() && options.now() >= this.#pausedUntil,
      onLost: () => observer.leaseLost(`send:${sender.channel}`),
      work: (claim, signal) => this.#work(claim, signal),
      ...(pollMs === undefined ? {} : { pollMs }),
    });
  }

  start(): void {
    this.#worker.start();
  }

  /** Something was written to the ledger, or the channel can be sent to again. */
  wake(): void {
    this.#worker.wake();
  }

  stop(deadlineMs: number): Promise<void> {
    return this.#worker.stop(deadlineMs);
  }

  async #work(claim: LaneClaim, signal: AbortSignal): Promise<void> {
    const { store, lanes } = this.#options;
    for (;;) {
      const work = await store.load(claim, batch);
      if (work === undefined) {
        await store.unreachable(claim, "no_address");
        break;
      }
      if (work.deliveries.length === 0) {
        if (work.farewell) await store.eraseAddress(claim);
        break;
      }
      for (const delivery of work.deliveries) {
        const next = await this.#deliver(claim, work.address, delivery, signal);
        if (next.go === "later") {
          await lanes.release(claim, { again: next.ms });
          this.#worker.wake(next.ms);
          return;
        }
        if (next.go === "end") {
          await lanes.release(claim);
          return;
        }
      }
    }
    await lanes.release(claim);
  }

  async #deliver(
    claim: LaneClaim,
    address: PlatformAddress,
    delivery: Delivery,
    signal: AbortSignal,
  ): Promise<Next> {
    const { message } = delivery;
    if (delivery.unknowns >= mostUnknowns) return this.#end(claim, delivery, "unknown", "no_answer");
    const parts = this.#options.sender.partsOf(message);
    if (parts.length === 0) return this.#end(claim, delivery, "failed", "nothing_to_send");
    // What was left open and then refused for now may have arrived all the same.
    let isRepeat = delivery.state === "sending" || delivery.unknowns > 0;
    for (let index = delivery.partsSent; index < parts.length; index += 1) {
      const part = parts[index];
      if (part === undefined) break;
      const next = await this.#sendPart(claim, address, delivery, {
        part,
        isRepeat,
        isFirst: index === 0,
        isLast: index === parts.length - 1,
        signal,
      });
      if (next.go !== "on") return next;
      isRepeat = false;
    }
    return { go: "on" };
  }

  async #sendPart(
    claim: LaneClaim,
    address: PlatformAddress,
    delivery: Delivery,
    { part, isRepeat, isFirst, isLast, signal }: PartCall,
  ): Promise<Next> {
    const { sender, store, observer, lateMs = 600_000 } = this.#options;
    if (!this.#options.maySend()) return { go: "later", ms: 1_000 };
    const isGroup = address.surface === "group";
    const contact = sender.limitKey?.(address) ?? claim.key;
    const wait = this.#rate.waitFor(contact, isGroup);
    if (wait > patience) return { go: "later", ms: wait };
    await sleep(this.#rate.reserve(contact, isGroup), undefined, { signal });
    const paused = this.#pausedUntil - this.#options.now();
    if (paused > 0) return { go: "later", ms: paused };
    if (!(await store.begin(claim, delivery.message.id))) return { go: "end" };
    const marks = { repeat: isRepeat, late: isFirst && delivery.age > lateMs };
    const outcome = await this.#call(address, part, marks, signal);
    if (outcome.state === "sent") {
      await store.partSent(claim, delivery.message.id, {
        last: isLast,
        repeat: isRepeat,
        ...(outcome.platformId === undefined ? {} : { platformId: outcome.platformId }),
      });
      if (isLast) observer.deliveryEnded(sender.channel, "sent", isRepeat);
      return { go: "on" };
    }
    return this.#notSent(claim, delivery, outcome);
  }

  async #call(
    address: PlatformAddress,
    part: OutgoingPart,
    marks: { repeat: boolean; late: boolean },
    signal: AbortSignal,
  ): Promise<SendOutcome> {
    const { sender, sendTimeoutMs = 20_000, logger } = this.#options;
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(sendTimeoutMs)]);
      return await sender.send(address, part, marks, limit);
    } catch (err) {
      logger.warn({ err, channel: sender.channel }, "a send ended without an answer");
      return { state: "unknown", reason: "error" };
    }
  }

  async #notSent(
    claim: LaneClaim,
    delivery: Delivery,
    outcome: Exclude<SendOutcome, { state: "sent" }>,
  ): Promise<Next> {
    const { store, sender, observer, now } = this.#options;
    const { id } = delivery.message;
    switch (outcome.state) {
      case "retry": {
        if (delivery.age > giveUpAfter) return this.#end(claim, delivery, "failed", outcome.reason);
        await store.putBack(claim, id, outcome.reason);
        const ms = outcome.afterMs ?? this.#backOff(claim.attempts);
        if (outcome.scope === "channel") this.#pausedUntil = Math.max(this.#pausedUntil, now() + ms);
        return { go: "later", ms };
      }
      case "unknown":
        await store.leftOpen(claim, id, outcome.reason);
        return { go: "later", ms: this.#backOff(claim.attempts) };
      case "failed":
        return this.#end(claim, delivery, "failed", outcome.reason);
      case "unreachable":
        await store.unreachable(claim, outcome.reason);
        observer.deliveryEnded(sender.channel, "dropped", false);
        return { go: "end" };
    }
  }

  async #end(
    claim: LaneClaim,
    delivery: Delivery,
    state: "failed" | "unknown",
    reason: string,
  ): Promise<Next> {
    const { store, sender, observer, logger } = this.#options;
    await store.end(claim, delivery.message.id, state, reason);
    observer.deliveryEnded(sender.channel, state, false);
    const ids = { conversationId: claim.key, messageId: delivery.message.id };
    logger.warn({ ...ids, channel: sender.channel, state, reason }, "a message could not be delivered");
    return { go: "on" };
  }

  /** Milliseconds before the next try: doubled each time, with up to a quarter of jitter. */
  #backOff(attempts: number): number {
    const { retryMs = 1_000, random } = this.#options;
    const base = Math.min(retryMs * 2 ** Math.min(attempts - 1, 20), longestRetry);
    return Math.round(base * (1 + random() / 4));
  }
}
