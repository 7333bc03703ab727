import { describe, expect, it } from "vitest";
import type { Citation } from "../../../../src/pages/chat/api-types.ts";
import { groupSources } from "../../../../src/pages/chat/group-sources.ts";
import { fillGaps } from "../../../../src/pages/chat/old-browsers.ts";
import { createOutbox } from "../../../../src/pages/chat/outbox.ts";
import { randomId } from "../../../../src/pages/chat/random-id.ts";
import { createSafeStorage } from "../../../../src/pages/chat/safe-storage.ts";
import { timeLabel } from "../../../../src/pages/chat/time-label.ts";

const citation = (index: number, document: string): Citation => ({
  index,
  chunkId: `c${index}`,
  document,
  section: "",
  source: "",
  quote: "",
});

describe("sources of an answer", () => {
  it("stand by document in the order of their numbers", () => {
    const groups = groupSources([citation(3, "甲"), citation(1, "乙"), citation(2, "甲")]);
    expect(groups.map(({ document, citations }) => [document, citations.map(({ index }) => index)])).toEqual([
      ["乙", [1]],
      ["甲", [2, 3]],
    ]);
  });
});

describe("the time above a message", () => {
  const now = new Date(2026, 10, 21, 12, 0);
  const at = (day: number, hour: number, minute: number, year = 2026) =>
    new Date(year, 10, day, hour, minute).toISOString();

  it("is shown after a pause, with the date when it is not from today", () => {
    expect(timeLabel(at(21, 9, 5), undefined, now)).toBe("今天 9:05");
    expect(timeLabel(at(20, 9, 5), undefined, now)).toBe("11月20日 9:05");
    expect(timeLabel(at(20, 9, 5, 2025), undefined, now)).toBe("2025年11月20日 9:05");
    expect(timeLabel(at(21, 9, 40), at(21, 9, 5), now)).toBe("今天 9:40");
  });

  it("is left out within a run of messages and for an unreadable timestamp", () => {
    expect(timeLabel(at(21, 9, 10), at(21, 9, 5), now)).toBeUndefined();
    expect(timeLabel("no time", undefined, now)).toBeUndefined();
  });
});

describe("storage on the phone", () => {
  it("works in memory where touching it throws", () => {
    const storage = createSafeStorage(() => {
      throw new Error("SecurityError");
    });
    storage.set("a", "1");
    expect(storage.get("a")).toBe("1");
    storage.remove("a");
    expect(storage.get("a")).toBeUndefined();
  });

  it("keeps a value in memory when writing fails, over an older stored one", () => {
    const storage = createSafeStorage(() => ({
      getItem: () => "old",
      setItem: () => {
        throw new Error("QuotaExceededError");
      },
      removeItem: () => undefined,
    }));
    storage.set("a", "new");
    expect(storage.get("a")).toBe("new");
  });

  it("keeps unsent messages until they are removed and survives damaged content", () => {
    const values = new Map<string, string>();
    const storage = {
      get: (key: string) => values.get(key),
      set: (key: string, value: string) => void values.set(key, value),
      remove: (key: string) => void values.delete(key),
    };
    const outbox = createOutbox(storage);
    outbox.put({ clientId: "a", text: "一", createdAt: 1 });
    outbox.put({ clientId: "b", text: "二", createdAt: 2 });
    outbox.put({ clientId: "a", text: "一", createdAt: 1, unsent: "network" });
    expect(
      createOutbox(storage)
        .list()
        .map(({ clientId, unsent }) => [clientId, unsent]),
    ).toEqual([
      ["b", undefined],
      ["a", "network"],
    ]);
    outbox.remove("a");
    outbox.remove("b");
    expect(values.size).toBe(0);
    for (const damaged of ["{", "null", '[{"text":1}, 5]']) {
      values.set("niangjia.outbox", damaged);
      expect(outbox.list()).toEqual([]);
    }
  });
});

describe("old browsers", () => {
  it("get the task queue that preact needs, others keep their own", async () => {
    const old: Parameters<typeof fillGaps>[0] = {};
    fillGaps(old);
    await new Promise<void>((resolve) => old.queueMicrotask?.(resolve));
    const own = () => undefined;
    const current = { queueMicrotask: own };
    fillGaps(current);
    expect(current.queueMicrotask).toBe(own);
  });

  it("get ids that the server takes, without secure context", () => {
    const id = randomId(globalThis.crypto);
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(randomId(globalThis.crypto)).not.toBe(id);
  });
});
