import { expect, it } from "vitest";
import { backOff } from "../../../src/integrations/deliver-webhooks.ts";

const times = { lease: 30_000, firstBackOff: 5_000, longestBackOff: 3_600_000, giveUpAfter: 86_400_000 };

it("each failure in a row doubles the wait, up to an hour, and chance takes at most half of it", () => {
  expect([1, 2, 3, 4].map((failures) => backOff(times, failures, 1))).toEqual([
    5_000, 10_000, 20_000, 40_000,
  ]);
  expect(backOff(times, 3, 0)).toBe(10_000);
  expect([11, 1_000].map((failures) => backOff(times, failures, 1))).toEqual([3_600_000, 3_600_000]);
});
