import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../errors.ts";
import type { ChannelSender, Delivery, OutboxStore, OutgoingPart, SendOutcome } from "./delivery.ts";
import type { LaneClaim, LaneStore } from "./lane-store.ts";
import { LaneWorker } from "./lane-worker.ts";
import type { PlatformAddress } from "./platform-event.ts";
import type { RoadLogger, RoadObserver } from "./road-observer.ts";
import { SendRate } from "./send-rate.ts";
import { untilAborted } from "./until-aborted.ts";

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
  /** Contacts that are sent to side by side; those that wait for their own limit count too. Default 32. */
  readonly concurrency?: number;
  /** An answer of the platform that takes longer, in milliseconds, leaves the outcome open. Default 20 000. */
  readonly sendTimeoutMs?: number;
  /** Milliseconds after which a message says that it is late. Default 600 000. */
  readonly lateMs?: number;
  /** Milliseconds before the second try; doubled up to five minutes. Default 1 000. */
  readonly retryMs?: number;
  /** Milliseconds after which others take over what a process that died was sending. Default 30 000. */
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
/** What a platform wants to be waited for longer is asked again after this, in milliseconds: a day. */
const longestWish = 24 * 3_600_000;
/** Rests between tries to write to the ledger what the platform said: 25 seconds in all. */
const recordRests = [100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800];
/** A contact's limit that lasts longer is not waited for: the lane is given back. */
const patience = 2_000;

interface PartCall {
  readonly part: OutgoingPart;
  readonly index: number;
  readonly isRepeat: boolean;
  readonly isLast: boolean;
  readonly signal: AbortSignal;
}

/** What goes on after one message: the next one, or the lane is given back for so many milliseconds. */
type Next = { readonly go: "on" } | { readonly go: "later"; readonly ms: number };

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
    const { sender, lanes, owner, logger, observer, concurrency = 32, leaseMs = 30_000, pollMs } = options;
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
    if (delivery.unknowns >= mostUnknowns) return this.#end(claim, delivery, "unknown", "no_answer");
    const parts = this.#partsOf(delivery);
    if (parts === undefined) return this.#end(claim, delivery, "failed", "not_to_be_sent");
    if (parts.length === 0) return this.#end(claim, delivery, "failed", "nothing_to_send");
    // What was left open and then refused for now may have arrived all the same.
    let isRepeat = delivery.state === "sending" || delivery.unknowns > 0;
    for (let index = delivery.partsSent; index < parts.length; index += 1) {
      const part = parts[index];
      if (part === undefined) break;
      const next = await this.#sendPart(claim, address, delivery, {
        part,
        index,
        isRepeat,
        isLast: index === parts.length - 1,
        signal,
      });
      if (next.go !== "on") return next;
      isRepeat = false;
    }
    return { go: "on" };
  }

  /** Undefined where the channel fails on this message: those behind it must not wait for ever. */
  #partsOf({ message }: Delivery): readonly OutgoingPart[] | undefined {
    const { sender, logger } = this.#options;
    try {
      return sender.partsOf(message);
    } catch (err) {
      logger.error(
        { err, channel: sender.channel, messageId: message.id },
        "a message has no form to be sent",
      );
      return undefined;
    }
  }

  async #sendPart(
    claim: LaneClaim,
    address: PlatformAddress,
    delivery: Delivery,
    { part, index, isRepeat, isLast, signal }: PartCall,
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
    // Another process has the lane, or the message is gone: what else waits is looked at anew.
    if (!(await store.begin(claim, delivery.message.id))) return { go: "later", ms: 0 };
    const marks = { repeat: isRepeat, late: index === 0 && delivery.age > lateMs };
    const outcome = await this.#call(address, part, marks, signal);
    if (outcome.state === "sent") {
      const { platformId } = outcome;
      const sent = {
        index,
        last: isLast,
        repeat: isRepeat,
        ...(platformId === undefined ? {} : { platformId }),
      };
      await this.#record(() => store.partSent(claim, delivery.message.id, sent), signal);
      if (isLast) observer.deliveryEnded(sender.channel, "sent", isRepeat);
      return { go: "on" };
    }
    return this.#notSent(claim, delivery, outcome, signal);
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
      return await untilAborted(sender.send(address, part, marks, limit), limit);
    } catch (err) {
      logger.warn({ err, channel: sender.channel }, "a send ended without an answer");
      return { state: "unknown", reason: "error" };
    }
  }

  async #notSent(
    claim: LaneClaim,
    delivery: Delivery,
    outcome: Exclude<SendOutcome, { state: "sent" }>,
    signal: AbortSignal,
  ): Promise<Next> {
    const { store, sender, observer, now } = this.#options;
    const { id } = delivery.message;
    switch (outcome.state) {
      case "retry": {
        if (delivery.age > giveUpAfter) return this.#end(claim, delivery, "failed", outcome.reason);
        await this.#record(() => store.putBack(claim, id, outcome.reason), signal);
        const ms = this.#wished(outcome.afterMs) ?? this.#backOff(delivery);
        if (outcome.scope === "channel") this.#pausedUntil = Math.max(this.#pausedUntil, now() + ms);
        return { go: "later", ms };
      }
      case "unknown":
        await store.leftOpen(claim, id, outcome.reason);
        return { go: "later", ms: this.#backOff(delivery) };
      case "failed":
        return this.#end(claim, delivery, "failed", outcome.reason);
      case "unreachable":
        await store.unreachable(claim, outcome.reason);
        observer.deliveryEnded(sender.channel, "dropped", false);
        return { go: "later", ms: 0 };
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

  /** What the platform said is written down also where the database is away for a moment: it must not be asked again. */
  async #record(write: () => Promise<void>, signal: AbortSignal): Promise<void> {
    for (const rest of recordRests) {
      try {
        return await write();
      } catch (err) {
        if (!(err instanceof AppError) || err.code !== "storage.unavailable") throw err;
        await sleep(rest, undefined, { signal });
      }
    }
    return write();
  }

  /** The platform's own wish how long to wait, in bounds. */
  #wished(ms: number | undefined): number | undefined {
    return ms === undefined || Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), longestWish);
  }

  /** Milliseconds before this message is tried again: doubled each time, with up to a quarter of jitter. */
  #backOff({ attempts, partsSent }: Delivery): number {
    const { retryMs = 1_000, random } = this.#options;
    const failures = Math.max(0, attempts - partsSent);
    const base = Math.min(retryMs * 2 ** Math.min(failures, 20), longestRetry);
    return Math.round(base * (1 + random() / 4));
  }
}
