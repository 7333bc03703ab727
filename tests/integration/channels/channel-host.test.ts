import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type ChannelHost, createChannelHost } from "../../../src/channels/channel-host.ts";
import type { Database } from "../../../src/storage/database.ts";
import { SqlLaneStore } from "../../../src/storage/lane-store.ts";
import { forEachDatabase } from "../../support/databases.ts";
import { Consumers, cuttableLanes, hostedChannel } from "../../support/hosted-channels.ts";

const leaseMs = 900;

forEachDatabase((_name, open) => {
  let database: Database;
  let consumers: Consumers;
  let hosts: ChannelHost[];

  beforeEach(async () => {
    database = await open();
    consumers = new Consumers();
    hosts = [];
  });

  afterEach(async () => {
    await Promise.all(hosts.map((host) => host.stop()));
  });

  function host(owner: string) {
    const lanes = cuttableLanes(new SqlLaneStore({ db: database.db }));
    const made = createChannelHost({
      channels: [hostedChannel(owner, consumers)],
      lanes,
      owner,
      logger: { info: () => {}, warn: () => {}, error: () => {} },
      now: () => performance.now(),
      date: () => new Date(),
      leaseMs,
    });
    hosts.push(made);
    made.start();
    return { ...made, lanes };
  }

  const until = (condition: () => boolean) =>
    vi.waitFor(() => expect(condition()).toBe(true), { timeout: 20_000, interval: 10 });
  const lane = () =>
    database.db.selectFrom("lanes").selectAll().where("kind", "=", "channel").executeTakeFirstOrThrow();

  it("of several processes that start at once one runs the channel, and keeps it beyond one lease", async () => {
    const three = ["a", "b", "c"].map((owner) => host(owner));
    await until(() => three.some((each) => each.holds("telegram")));
    const { leased_until: first } = await lane();
    await vi.waitFor(
      async () =>
        expect((await lane()).leased_until?.getTime()).toBeGreaterThan((first?.getTime() ?? 0) + leaseMs),
      { timeout: 20_000 },
    );
    expect(consumers.journal).toHaveLength(1);
    expect(three.map((each) => each.health().telegram?.state).sort()).toEqual([
      "ready",
      "standby",
      "standby",
    ]);
  });

  it("a holder that stops in order hands over, and the lane is free", async () => {
    const a = host("a");
    await until(() => a.holds("telegram"));
    await a.stop();
    expect((await lane()).leased_until).toBeNull();
    const b = host("b");
    await until(() => b.holds("telegram"));
    expect(consumers.journal).toEqual(["a starts", "a stops", "b starts"]);
  });

  it("a holder that is cut off from the database has stopped when the next one starts", async () => {
    const a = host("a");
    await until(() => a.holds("telegram"));
    const b = host("b");
    a.lanes.cut = "hangs";
    await until(() => b.holds("telegram") && consumers.running[0] === "b");
    expect(consumers.most).toBe(1);
    a.lanes.cut = "no";
    await until(() => a.health().telegram?.state === "standby");
    expect(consumers.journal).toEqual(["a starts", "a stops", "b starts"]);
  });
});
