import { describe, expect, it } from "vitest";
import { RecentMap } from "../../../../src/channels/web/recent-map.ts";
import { createVerifyVisitor, hashToken } from "../../../../src/channels/web/verify.ts";
import { AppError } from "../../../../src/errors.ts";

const token = "a".repeat(43);
const header = `Bearer ${token}`;
const unknown = expect.objectContaining({ code: "channel.unknown_visitor" });

function setUp() {
  const stored = new Map([[hashToken(token), "c1"]]);
  let at = 1_800_000_000_000;
  let lookUps = 0;
  const visitors = {
    save: async () => undefined,
    conversationOf: async (hash: string) => {
      lookUps += 1;
      return stored.get(hash);
    },
  };
  const verify = createVerifyVisitor(visitors, () => new Date(at));
  return {
    verify,
    stored,
    lookUps: () => lookUps,
    wait: (ms: number) => {
      at += ms;
    },
  };
}

describe("a visitor's token", () => {
  it("is looked up once in half a minute", async () => {
    const { verify, lookUps, wait } = setUp();
    await verify(header);
    wait(29_999);
    expect(await verify(header)).toBe("c1");
    expect(lookUps()).toBe(1);
    wait(1);
    await verify(header);
    expect(lookUps()).toBe(2);
  });

  it("of a deleted conversation is unknown after half a minute, or at once where that was noticed", async () => {
    const { verify, stored, wait } = setUp();
    await verify(header);
    stored.clear();
    expect(await verify(header)).toBe("c1");
    const gone = new AppError("channel.unknown_visitor", "The conversation is gone.");
    await expect(verify.storing(header, () => Promise.reject(gone))).rejects.toBe(gone);
    await expect(verify(header)).rejects.toEqual(unknown);
    stored.set(hashToken(token), "c1");
    await verify(header);
    stored.clear();
    wait(30_000);
    await expect(verify(header)).rejects.toEqual(unknown);
  });

  it("that is unknown is looked up every time: it may just have been made by another process", async () => {
    const { verify, stored } = setUp();
    const other = `Bearer ${"b".repeat(43)}`;
    await expect(verify(other)).rejects.toEqual(unknown);
    stored.set(hashToken("b".repeat(43)), "c2");
    expect(await verify(other)).toBe("c2");
  });

  it("that has no token's form is not looked up at all", async () => {
    const { verify, lookUps } = setUp();
    for (const wrong of [
      undefined,
      "",
      "Bearer ",
      `Bearer ${token}=`,
      token,
      `Bearer ${"a".repeat(5_000)}`,
    ]) {
      await expect(verify(wrong)).rejects.toEqual(unknown);
    }
    expect(lookUps()).toBe(0);
  });
});

describe("a recent map", () => {
  it("holds its number of entries and lets the oldest go", () => {
    const map = new RecentMap<number>(2);
    map.set("a", 1);
    map.set("b", 2);
    map.set("a", 3);
    map.set("c", 4);
    expect([map.get("a"), map.get("b"), map.get("c"), map.size]).toEqual([3, undefined, 4, 2]);
  });
});
