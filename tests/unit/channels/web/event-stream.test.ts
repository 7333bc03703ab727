import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { byteStream } from "../../../../src/channels/web/event-stream.ts";
import { StreamSlots } from "../../../../src/channels/web/stream-slots.ts";

function recorded(frames: (taken: { count: number }) => AsyncGenerator<string, void, undefined>) {
  const taken = { count: 0 };
  const seen: string[] = [];
  const controller = new AbortController();
  const stream = byteStream(frames(taken), {
    stop: () => controller.abort(),
    onEnd: () => seen.push("end"),
    onError: (error) => seen.push(String(error)),
  });
  return { stream, seen, taken, signal: controller.signal };
}

async function* endless(taken: { count: number }) {
  try {
    for (;;) {
      taken.count += 1;
      yield "x";
    }
  } finally {
    taken.count = -1;
  }
}

describe("byteStream", () => {
  it("makes no frames ahead of a reader that does not read", async () => {
    const { stream, taken } = recorded(endless);
    await sleep(5);
    expect(taken.count).toBeLessThanOrEqual(2);
    await stream.cancel();
  });

  it("stops and cleans up once when the reader goes away", async () => {
    const { stream, seen, taken, signal } = recorded(endless);
    const reader = stream.getReader();
    await reader.read();
    await reader.cancel();
    expect({ seen, aborted: signal.aborted, taken }).toEqual({
      seen: ["end"],
      aborted: true,
      taken: { count: -1 },
    });
  });

  it("ends when the frames end", async () => {
    const { stream, seen } = recorded(async function* () {
      yield "好";
    });
    expect(await new Response(stream).text()).toBe("好");
    expect(seen).toEqual(["end"]);
  });

  it("ends, and says so once, when the store fails in the middle", async () => {
    const { stream, seen } = recorded(async function* () {
      yield "a";
      throw new Error("lost");
    });
    expect(await new Response(stream).text()).toBe("a");
    expect(seen).toEqual(["Error: lost", "end"]);
  });
});

describe("StreamSlots", () => {
  it("refuses beyond its limit and gives a freed place away again, once", () => {
    const slots = new StreamSlots(2);
    const [first] = [slots.take("a"), slots.take("a")];
    expect(() => slots.take("a")).toThrow(expect.objectContaining({ code: "http.too_many_requests" }));
    slots.take("b");
    slots.free("a", first);
    slots.free("a", first);
    slots.take("a");
    expect(() => slots.take("a")).toThrow();
  });

  it("holds a bounded number of streams over all visitors", () => {
    const slots = new StreamSlots(1);
    for (let i = 0; i < 2_000; i++) {
      slots.take(`${i}`);
    }
    expect(() => slots.take("one more")).toThrow(expect.objectContaining({ code: "http.too_many_requests" }));
  });

  it("ends all and gives no new ones when the service stops", () => {
    const slots = new StreamSlots(2);
    const signals = [slots.take("a").signal, slots.take("b").signal];
    slots.endAll();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(() => slots.take("c")).toThrow();
  });
});
