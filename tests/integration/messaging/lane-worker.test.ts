import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LaneClaim } from "../../../src/messaging/lane-store.ts";
import { LaneWorker, type LaneWorkerOptions } from "../../../src/messaging/lane-worker.ts";
import type { Database } from "../../../src/storage/database.ts";
import { SqlLaneStore } from "../../../src/storage/lane-store.ts";
import { forEachDatabase } from "../../support/databases.ts";
import { recordRoad } from "../../support/road.ts";

/** So long that nothing in a test waits for it. */
const never = 60_000;

forEachDatabase((_name, open) => {
  let database: Database;
  let lanes: SqlLaneStore;
  let workers: LaneWorker[];

  beforeEach(async () => {
    database = await open();
    lanes = new SqlLaneStore(database);
    workers = [];
  });
  afterEach(() => Promise.all(workers.map((worker) => worker.stop(0))));

  function worker(work: LaneWorkerOptions["work"], options: Partial<LaneWorkerOptions> = {}): LaneWorker {
    const made = new LaneWorker({
      kind: "turn",
      lanes,
      owner: "a",
      concurrency: 2,
      work,
      logger: recordRoad().logger,
      leaseMs: never,
      pollMs: never,
      ...options,
    });
    workers.push(made);
    return made;
  }

  /** Work that notes what it was given, and ends when it is told to or aborted. */
  function held() {
    const { promise: gate, resolve: finish } = Promise.withResolvers<void>();
    const begun: { claim: LaneClaim; signal: AbortSignal }[] = [];
    const work = async (claim: LaneClaim, signal: AbortSignal) => {
      begun.push({ claim, signal });
      const aborted = new Promise<never>((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason)),
      );
      await Promise.race([gate, aborted]);
      await lanes.release(claim);
    };
    return { work, begun, finish };
  }

  const arm = async (...keys: string[]) => {
    for (const key of keys) await lanes.arm("turn", key, 0);
  };

  describe("two workers", () => {
    it("what one has no place for is worked on by the other, however long the first takes", async () => {
      await arm("1", "2", "3");
      const slow = held();
      worker(slow.work).start();
      await expect.poll(() => slow.begun.length).toBe(2);
      const other = held();
      worker(other.work, { owner: "b" }).start();
      await expect.poll(() => other.begun.length).toBe(1);
      slow.finish();
      other.finish();
    });

    it("work that takes no time is claimed ahead, and all of it is done once", async () => {
      const keys = Array.from({ length: 60 }, (_, index) => `${index}`);
      await arm(...keys);
      const done: string[] = [];
      const work = async (claim: LaneClaim) => {
        done.push(claim.key);
        await lanes.release(claim);
      };
      for (const owner of ["a", "b"]) worker(work, { owner, pollMs: 20 }).start();
      await expect.poll(() => done.length, { timeout: 10_000 }).toBe(60);
      expect(done.toSorted()).toEqual(keys.toSorted());
    });
  });

  describe("a lane whose lease ran out while this worker stood still", () => {
    it("is claimed again by itself: the former work is aborted, the new one keeps its lease and ends", async () => {
      await arm("k");
      const works = held();
      // Nothing is renewed in time, as in a process that stands still.
      const made = worker(works.work, { leaseMs: 30, lanes: renewingNothing() });
      made.start();
      await expect.poll(() => works.begun.length).toBe(1);
      await sleep(40);
      made.wake();
      await expect.poll(() => works.begun.length).toBe(2);
      const [first, second] = works.begun;
      expect(first?.signal.aborted).toBe(true);
      // The end of the first leaves the second alone: it is aborted when the worker stops.
      await sleep(20);
      expect(second?.signal.aborted).toBe(false);
      await made.stop(0);
      expect(second?.signal.aborted).toBe(true);
    });

    function renewingNothing(): LaneWorkerOptions["lanes"] {
      return {
        claim: (...args) => lanes.claim(...args),
        release: (...args) => lanes.release(...args),
        renew: async (claims) => [...claims],
      };
    }
  });

  describe("a lane that another process has taken", () => {
    it("is left to it at the next renewal: the work is aborted, and that is told", async () => {
      await arm("k");
      const works = held();
      let lost = 0;
      const onLost = () => {
        lost += 1;
      };
      worker(works.work, { leaseMs: 60, onLost }).start();
      await expect.poll(() => works.begun.length).toBe(1);
      await database.db
        .updateTable("lanes")
        .set({ leased_by: "b", token: 9, leased_until: sql<string>`now() + interval '1 hour'` })
        .execute();
      await expect.poll(() => works.begun[0]?.signal.aborted).toBe(true);
      expect(lost).toBe(1);
      expect(await lanes.held("turn")).toEqual(["k"]);
    });
  });

  describe("a worker that stops", () => {
    it("counts no attempt for what it had no time for", async () => {
      await arm("1", "2");
      const works = held();
      const made = worker(works.work, { concurrency: 1 });
      made.start();
      await expect.poll(() => works.begun.length).toBe(1);
      await made.stop(0);
      const claims = await lanes.claim("turn", "b", 9, never);
      expect(claims.map(({ attempts }) => attempts)).toEqual([1, 1]);
    });

    it("begins nothing of what a claim under way still brings, and gives it back", async () => {
      await arm("1");
      const works = held();
      const { promise: gate, resolve: answer } = Promise.withResolvers<void>();
      const made = worker(works.work, {
        lanes: {
          claim: async (...args) => {
            const claims = await lanes.claim(...args);
            await gate;
            return claims;
          },
          release: (...args) => lanes.release(...args),
          renew: (...args) => lanes.renew(...args),
        },
      });
      made.start();
      await expect.poll(() => lanes.held("turn")).toEqual(["1"]);
      const stopped = made.stop(1_000);
      answer();
      await stopped;
      expect(works.begun).toEqual([]);
      expect(await lanes.held("turn")).toEqual([]);
      expect((await lanes.claim("turn", "b", 9, never)).map(({ attempts }) => attempts)).toEqual([1]);
    });
  });

  describe("work that fails", () => {
    it("is counted, and tried again after a rest", async () => {
      await arm("k");
      const attempts: number[] = [];
      const work = async (claim: LaneClaim) => {
        attempts.push(claim.attempts);
        if (attempts.length < 3) throw new Error("broken");
        await lanes.release(claim);
      };
      worker(work, { restMs: 1 }).start();
      await expect.poll(() => attempts).toEqual([1, 2, 3]);
    });
  });
});
