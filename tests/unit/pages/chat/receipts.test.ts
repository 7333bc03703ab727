import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createReceipts } from "../../../../src/pages/chat/receipts.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function setUp(fails: () => boolean = () => false) {
  const said: number[] = [];
  const receipts = createReceipts({
    delayMs: 1_000,
    confirm: async (seq) => {
      said.push(seq);
      if (fails()) throw new Error("no network");
    },
  });
  return { receipts, said };
}

describe("receipts", () => {
  it("are said once for several messages, with the last one", async () => {
    const { receipts, said } = setUp();
    for (const seq of [3, 5, 4]) receipts.shown(seq);
    await vi.advanceTimersByTimeAsync(999);
    expect(said).toEqual([]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(said).toEqual([5]);
    receipts.shown(5);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(said).toEqual([5]);
  });

  it("are not said where a cursor said the same", async () => {
    const { receipts, said } = setUp();
    receipts.shown(3);
    receipts.confirmed(3);
    await vi.advanceTimersByTimeAsync(10_000);
    receipts.shown(2);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(said).toEqual([]);
  });

  it("are said again, ever more seldom, until they get through", async () => {
    let isDown = true;
    const { receipts, said } = setUp(() => isDown);
    receipts.shown(3);
    await vi.advanceTimersByTimeAsync(1_000 + 4_000);
    expect(said).toEqual([3, 3]);
    receipts.shown(4);
    isDown = false;
    await vi.advanceTimersByTimeAsync(16_000);
    expect(said).toEqual([3, 3, 4]);
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(said).toHaveLength(3);
  });

  it("begin anew with another conversation", async () => {
    const { receipts, said } = setUp();
    receipts.confirmed(90);
    receipts.reset();
    receipts.shown(2);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(said).toEqual([2]);
  });
});
