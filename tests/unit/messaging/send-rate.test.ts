import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SendRate } from "../../../src/messaging/send-rate.ts";

const limits = { perSecond: 10, perContactPerSecond: 1, perGroupPerMinute: 3 };

describe("the pace of a channel", () => {
  it("a contact who must wait holds nobody else up", () => {
    const rate = new SendRate(limits, () => 0);
    expect(rate.reserve("1", false)).toBe(0);
    expect(rate.reserve("1", false)).toBe(1_000);
    expect(rate.reserve("2", false)).toBe(100);
    expect(rate.reserve("3", false)).toBe(200);
  });

  it("a group that wrote its share waits until the oldest of them is a minute old", () => {
    let now = 0;
    const rate = new SendRate(limits, () => now);
    for (const at of [0, 1_000, 2_000]) {
      now = at;
      expect(rate.reserve("g", true)).toBe(0);
    }
    expect(rate.waitFor("g", true)).toBe(58_000);
    expect(rate.waitFor("g", false)).toBe(1_000);
    expect(rate.waitFor("other", true)).toBe(0);
    now = 60_000;
    expect(rate.waitFor("g", true)).toBe(0);
  });

  it("without limits nobody waits", () => {
    const rate = new SendRate({}, () => 0);
    expect([1, 2, 3].map(() => rate.reserve("1", true))).toEqual([0, 0, 0]);
  });

  it("never goes faster than any limit, whoever writes when, and no free place is left out", () => {
    const sends = fc.array(
      fc.record({
        pause: fc.integer({ min: 0, max: 3_000 }),
        contact: fc.constantFrom("a", "b", "c", "group"),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(sends, (all) => {
        let now = 0;
        const rate = new SendRate(limits, () => now);
        const taken: { at: number; contact: string }[] = [];
        for (const { pause, contact } of all) {
          now += pause;
          const own = now + rate.waitFor(contact, contact === "group");
          const at = now + rate.reserve(contact, contact === "group");
          // As early as the contact may be sent to and no other send is nearer than the channel's pace.
          const isFree = (time: number) => taken.every((other) => Math.abs(other.at - time) >= 100);
          expect(isFree(at)).toBe(true);
          const candidates = [own, ...taken.map((other) => other.at + 100)].filter((time) => time >= own);
          expect(at).toBe(Math.min(...candidates.filter(isFree)));
          taken.push({ at, contact });
        }
        for (const { at, contact } of taken) {
          const same = taken.filter((other) => other.contact === contact);
          expect(same.filter((other) => other.at >= at && other.at < at + 1_000)).toHaveLength(1);
          const minute = same.filter((other) => other.at >= at && other.at < at + 60_000);
          if (contact === "group") expect(minute.length).toBeLessThanOrEqual(3);
        }
      }),
    );
  });
});
