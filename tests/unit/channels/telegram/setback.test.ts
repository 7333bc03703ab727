import { describe, expect, it } from "vitest";
import { HealthRecord, setbackOf } from "../../../../src/channels/telegram/setback.ts";
import { AppError } from "../../../../src/errors.ts";

const pace = { firstMs: 100, mostMs: 1_000, slowMs: 9_000 };

describe("setbackOf", () => {
  const stored = new AppError("storage.unavailable", "The database is away.");
  const wait = (faults: number, chance: number) => setbackOf(stored, faults, pace, () => chance).waitMs;

  it("waits longer with every fault, up to a limit, half of it by chance", () => {
    expect([1, 2, 3, 4, 5, 50].map((faults) => wait(faults, 1))).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    expect(wait(1, 0)).toBe(50);
  });

  it("is a disturbance at first and then counts as down", () => {
    expect([1, 2, 3].map((faults) => setbackOf(stored, faults, pace, () => 0).state)).toEqual([
      "degraded",
      "degraded",
      "down",
    ]);
  });

  it("names the code of a store's error and nothing of its text", () => {
    const secret = new AppError("storage.unavailable", "worker 老张 wrote …");
    expect(setbackOf(secret, 1, pace, () => 0).reason).toContain("(storage.unavailable)");
    expect(setbackOf(secret, 1, pace, () => 0).reason).not.toContain("老张");
  });
});

describe("HealthRecord", () => {
  it("keeps the moment of a state while only its reason changes", () => {
    let now = 0;
    const record = new HealthRecord(() => new Date(now));
    now = 1_000;
    expect(record.set("down", "a")).toBe(true);
    now = 2_000;
    expect(record.set("down", "b")).toBe(true);
    expect(record.set("down", "b")).toBe(false);
    expect(record.current).toEqual({ state: "down", reason: "b", since: new Date(1_000).toISOString() });
    expect(record.set("ready")).toBe(true);
    expect(record.current).toEqual({ state: "ready", since: new Date(2_000).toISOString() });
  });
});
