import type { SendLimits } from "./delivery.ts";

/** Contacts whose last sends are remembered; beyond it those go first that were sent to longest ago. */
const mostContacts = 10_000;
const minute = 60_000;

interface Pace {
  /** From when on this contact may be sent to again. */
  readonly next: number;
  /** Of a group: its places of the last minute, oldest first. */
  readonly sends: readonly number[];
}

/**
 * Keeps sends within a platform's limits. `reserve` takes a place and says how long to wait for it, so that several
 * senders at once do not all wait for the same moment. A contact who must wait takes a later place and leaves those
 * before it to others.
 */
export class SendRate {
  readonly #limits: SendLimits;
  readonly #now: () => number;
  /** Places of the whole channel that are not over, in their order. */
  #places: number[] = [];
  readonly #paces = new Map<string, Pace>();

  /** `now`: monotonic milliseconds. */
  constructor(limits: SendLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Milliseconds until this contact may be sent to, without taking a place. */
  waitFor(contact: string, isGroup: boolean): number {
    const now = this.#now();
    const { next, sends } = this.#paceOf(contact, now);
    const { perGroupPerMinute } = this.#limits;
    // The one that must be a minute old, where the group's share of a minute is used up.
    const first = isGroup && perGroupPerMinute !== undefined ? sends.at(-perGroupPerMinute) : undefined;
    return Math.max(0, next - now, first === undefined ? 0 : first + minute - now);
  }

  /** Takes the next place; milliseconds until it comes. */
  reserve(contact: string, isGroup: boolean): number {
    const now = this.#now();
    const { perContactPerSecond, perGroupPerMinute } = this.#limits;
    const at = this.#takePlace(now, now + this.waitFor(contact, isGroup));
    if (perContactPerSecond === undefined && perGroupPerMinute === undefined) return at - now;
    const { sends } = this.#paceOf(contact, now);
    this.#paces.delete(contact);
    this.#paces.set(contact, {
      next: perContactPerSecond === undefined ? at : at + 1_000 / perContactPerSecond,
      sends: isGroup && perGroupPerMinute !== undefined ? [...sends, at] : [],
    });
    this.#dropOldest();
    return at - now;
  }

  /** The first place of the channel that is free from `earliest` on. There are as many as senders that wait. */
  #takePlace(now: number, earliest: number): number {
    const { perSecond } = this.#limits;
    if (perSecond === undefined) return earliest;
    const step = 1_000 / perSecond;
    this.#places = this.#places.filter((place) => place + step > now);
    let at = earliest;
    let index = 0;
    for (const [order, place] of this.#places.entries()) {
      if (place >= at + step) break;
      at = Math.max(at, place + step);
      index = order + 1;
    }
    this.#places.splice(index, 0, at);
    return at;
  }

  #paceOf(contact: string, now: number): Pace {
    const { next, sends } = this.#paces.get(contact) ?? { next: 0, sends: [] };
    return { next, sends: sends.filter((at) => now - at < minute) };
  }

  #dropOldest(): void {
    for (const contact of this.#paces.keys()) {
      if (this.#paces.size <= mostContacts) return;
      this.#paces.delete(contact);
    }
  }
}
