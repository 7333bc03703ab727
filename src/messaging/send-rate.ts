import type { SendLimits } from "./delivery.ts";

/** Contacts whose last sends are remembered; beyond it those are dropped first whose limits have long recovered. */
const mostContacts = 10_000;
const minute = 60_000;

/**
 * Keeps sends within a platform's limits. `reserve` takes a place and says how long to wait for it, so that several
 * senders at once do not all wait for the same moment.
 */
export class SendRate {
  readonly #limits: SendLimits;
  readonly #now: () => number;
  #next = 0;
  readonly #nextOf = new Map<string, number>();
  readonly #groups = new Map<string, number[]>();

  /** `now`: monotonic milliseconds. */
  constructor(limits: SendLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Milliseconds until this contact may be sent to, without taking a place. */
  waitFor(contact: string, isGroup: boolean): number {
    const now = this.#now();
    const own = (this.#nextOf.get(contact) ?? 0) - now;
    const sends = this.#recent(contact, now);
    const { perGroupPerMinute } = this.#limits;
    const full = isGroup && perGroupPerMinute !== undefined && sends.length >= perGroupPerMinute;
    return Math.max(0, own, full ? (sends[sends.length - perGroupPerMinute] ?? now) + minute - now : 0);
  }

  /** Takes the next place; milliseconds until it comes. */
  reserve(contact: string, isGroup: boolean): number {
    const now = this.#now();
    const { perSecond, perContactPerSecond, perGroupPerMinute } = this.#limits;
    const at = Math.max(now + this.waitFor(contact, isGroup), this.#next);
    if (perSecond !== undefined) this.#next = at + 1_000 / perSecond;
    if (perContactPerSecond !== undefined) {
      this.#nextOf.delete(contact);
      this.#nextOf.set(contact, at + 1_000 / perContactPerSecond);
      this.#dropOldest();
    }
    if (isGroup && perGroupPerMinute !== undefined)
      this.#groups.set(contact, [...this.#recent(contact, now), at]);
    return at - now;
  }

  #recent(contact: string, now: number): number[] {
    return (this.#groups.get(contact) ?? []).filter((at) => now - at < minute);
  }

  #dropOldest(): void {
    for (const contact of this.#nextOf.keys()) {
      if (this.#nextOf.size <= mostContacts) return;
      this.#nextOf.delete(contact);
      this.#groups.delete(contact);
    }
  }
}
