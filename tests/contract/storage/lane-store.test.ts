import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import type { LaneClaim } from "../../../src/messaging/lane-store.ts";
import { SqlLaneStore } from "../../../src/storage/lane-store.ts";
import { forEachDatabase } from "../../support/databases.ts";

const long = 60_000;

forEachDatabase((_name, open) => {
  let lanes: SqlLaneStore;

  beforeEach(async () => {
    lanes = new SqlLaneStore(await open());
  });

  async function claimOne(owner = "a", leaseMs = long): Promise<LaneClaim> {
    const [claim] = await lanes.claim("turn", owner, 1, leaseMs);
    if (claim === undefined) throw new Error("No lane was due.");
    return claim;
  }

  describe("claiming", () => {
    it("takes what is due, those that wait longest first, and of this kind only", async () => {
      await lanes.arm("turn", "late", 0);
      await sleep(2);
      await lanes.arm("turn", "later", 0);
      await lanes.arm("turn", "not yet", long);
      await lanes.arm("webhook", "other", 0);
      expect((await lanes.claim("turn", "a", 1, long)).map(({ key }) => key)).toEqual(["late"]);
      expect((await lanes.claim("turn", "a", 9, long)).map(({ key }) => key)).toEqual(["later"]);
      expect(await lanes.claim("turn", "a", 9, long)).toEqual([]);
    });

    it("gives each lane to one of many that claim at once", async () => {
      for (let key = 0; key < 30; key += 1) await lanes.arm("turn", `${key}`, 0);
      const claims = await Promise.all(
        Array.from({ length: 10 }, (_, owner) => lanes.claim("turn", `${owner}`, 5, long)),
      );
      const keys = claims.flat().map(({ key }) => key);
      expect(new Set(keys).size).toBe(keys.length);
      // What another claim looked at in the same moment is passed over, and is free for the next.
      keys.push(...(await lanes.claim("turn", "last", 30, long)).map(({ key }) => key));
      expect(new Set(keys).size).toBe(30);
    });

    it("takes over a lane whose lease ran out, with a larger token, and counts the attempt", async () => {
      await lanes.arm("turn", "k", 0);
      const first = await claimOne("a", 1);
      await sleep(5);
      const second = await claimOne("b");
      expect(second.token).toBeGreaterThan(first.token);
      expect(second.attempts).toBe(2);
      expect(await lanes.release(first)).toBe(false);
      expect(await lanes.renew([first], long)).toEqual([]);
      expect(await lanes.renew([second], long)).toEqual([second]);
    });
  });

  describe("releasing", () => {
    it("a lane whose work ended well is not due again, and its attempts begin anew", async () => {
      await lanes.arm("turn", "k", 0);
      expect(await lanes.release(await claimOne())).toBe(true);
      expect(await lanes.claim("turn", "a", 1, long)).toEqual([]);
      await lanes.arm("turn", "k", 0);
      expect((await claimOne()).attempts).toBe(1);
    });

    it("what was armed while the work went on makes it due again", async () => {
      await lanes.arm("turn", "k", 0);
      const claim = await claimOne();
      await lanes.arm("turn", "k", 0);
      expect(await lanes.claim("turn", "b", 1, long)).toEqual([]);
      await lanes.release(claim);
      expect((await claimOne()).key).toBe("k");
    });

    it("to be tried again, it waits its time and keeps counting", async () => {
      await lanes.arm("turn", "k", 0);
      await lanes.release(await claimOne(), { again: long });
      expect(await lanes.claim("turn", "a", 1, long)).toEqual([]);
      await lanes.arm("turn", "k", 0);
      expect((await claimOne()).attempts).toBe(2);
    });

    it("a claim can be released once", async () => {
      await lanes.arm("turn", "k", 0);
      const claim = await claimOne();
      expect(await lanes.release(claim)).toBe(true);
      expect(await lanes.release(claim)).toBe(false);
    });

    it("all leases end for a process that is alone", async () => {
      await lanes.arm("turn", "k", 0);
      await claimOne();
      await lanes.releaseAll();
      expect((await claimOne("b")).attempts).toBe(2);
    });
  });

  describe("arming", () => {
    it("never moves a lane to a later time", async () => {
      await lanes.arm("turn", "k", 0);
      await lanes.arm("turn", "k", long);
      expect((await claimOne()).key).toBe("k");
    });

    it("counts what is due", async () => {
      await lanes.arm("turn", "a", 0);
      await lanes.arm("turn", "b", 0);
      await lanes.arm("turn", "c", long);
      expect(await lanes.countDue("turn")).toBe(2);
      expect(await lanes.nextDueIn("turn")).toBe(0);
      expect(await lanes.nextDueIn("webhook")).toBeUndefined();
    });
  });

  describe("holding one lane", () => {
    it("one owner holds it, due or not, and may take it again; another waits for the end of the lease", async () => {
      const first = await lanes.acquire("channel", "telegram", "a", long);
      expect(first).toMatchObject({ key: "telegram", owner: "a" });
      expect(await lanes.acquire("channel", "telegram", "b", long)).toBeUndefined();
      expect(await lanes.acquire("channel", "telegram", "a", 1)).toBeDefined();
      await sleep(5);
      const taken = await lanes.acquire("channel", "telegram", "b", long);
      expect(taken?.token).toBeGreaterThan(first?.token ?? 0);
      expect(await lanes.held("channel")).toEqual(["telegram"]);
    });

    it("of many that want it at once, one gets it", async () => {
      const claims = await Promise.all(
        Array.from({ length: 10 }, (_, owner) => lanes.acquire("channel", "x", `${owner}`, long)),
      );
      expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
    });
  });
});
