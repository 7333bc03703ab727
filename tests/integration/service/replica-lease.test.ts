import { afterEach, expect, it } from "vitest";
import { holdReplicaLease, type ReplicaLease } from "../../../src/service/replica-lease.ts";
import type { Database } from "../../../src/storage/database.ts";
import { deleteEndedLanes, SqlLaneStore } from "../../../src/storage/lane-store.ts";
import { forEachDatabase } from "../../support/databases.ts";

const leaseMs = 600;
const patience = { timeout: 10_000, interval: 10 };

forEachDatabase((_name, open) => {
  const held: ReplicaLease[] = [];
  afterEach(async () => {
    for (const lease of held.splice(0)) await lease.stop();
  });

  async function hold(database: Database, owner: string, changes: boolean[] = []): Promise<ReplicaLease> {
    const lease = await holdReplicaLease({
      lanes: new SqlLaneStore(database),
      owner,
      forgetEnded: () => deleteEndedLanes(database.db, "replica"),
      onChange: (alone) => changes.push(alone),
      logger: { warn: () => {} },
      leaseMs,
    });
    held.push(lease);
    return lease;
  }

  it("a process knows at its start whether it is alone, and later when another comes and goes", async () => {
    const database = await open();
    const changes: boolean[] = [];
    const first = await hold(database, "first", changes);
    expect(first.alone()).toBe(true);
    const second = await hold(database, "second");
    expect(second.alone()).toBe(false);
    await expect.poll(() => first.alone(), patience).toBe(false);
    await second.stop();
    await expect.poll(() => first.alone(), patience).toBe(true);
    expect(changes).toEqual([false, true]);
  });

  it("a process that was killed is there until its lease has run out", async () => {
    const database = await open();
    await new SqlLaneStore(database).acquire("replica", "killed", "killed", leaseMs);
    const next = await hold(database, "next");
    expect(next.alone()).toBe(false);
    await expect.poll(() => next.alone(), patience).toBe(true);
  });

  it("a process whose lease was lost gets another one", async () => {
    const database = await open();
    const lanes = new SqlLaneStore(database);
    await hold(database, "first");
    await database.db.deleteFrom("lanes").where("kind", "=", "replica").execute();
    await expect.poll(() => lanes.held("replica"), patience).toEqual(["first"]);
  });

  it("a process is seen for as long as it lives", async () => {
    const database = await open();
    const lanes = new SqlLaneStore(database);
    await hold(database, "first");
    const until = async () => {
      const row = await database.db
        .selectFrom("lanes")
        .select("leased_until")
        .where("key", "=", "first")
        .executeTakeFirstOrThrow();
      return row.leased_until?.getTime() ?? 0;
    };
    const begun = await until();
    await expect.poll(until, patience).toBeGreaterThan(begun + 2 * leaseMs);
    expect(await lanes.held("replica")).toEqual(["first"]);
  });

  it("processes of former days leave nothing behind", async () => {
    const database = await open();
    for (const name of ["monday", "tuesday"]) await (await hold(database, name)).stop();
    await hold(database, "today");
    const rows = await database.db.selectFrom("lanes").select("key").where("kind", "=", "replica").execute();
    expect(rows).toEqual([{ key: "today" }]);
  });
});
