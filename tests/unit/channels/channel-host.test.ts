import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ChannelHostOptions, createChannelHost } from "../../../src/channels/channel-host.ts";
import { pause } from "../../../src/channels/waiting.ts";
import { AppError } from "../../../src/errors.ts";
import type { LaneClaim } from "../../../src/messaging/lane-store.ts";
import {
  Consumers,
  cuttableLanes,
  type HostedChannelOptions,
  hostedChannel,
} from "../../support/hosted-channels.ts";

const leaseMs = 15_000;
const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** Leases of one database, by the clock of the test. */
function memoryLanes() {
  let lane: { owner: string; token: number; until: number } | undefined;
  let tokens = 0;
  return {
    acquire: async (kind: LaneClaim["kind"], key: string, owner: string, ms: number) => {
      if (lane !== undefined && lane.until > Date.now() && lane.owner !== owner) return undefined;
      tokens += 1;
      lane = { owner, token: tokens, until: Date.now() + ms };
      return { kind, key, owner, token: tokens, attempts: 1 } as LaneClaim;
    },
    renew: async (claims: readonly LaneClaim[], ms: number) => {
      const kept = claims.filter(({ token }) => token === lane?.token);
      if (lane !== undefined && kept.length > 0) lane.until = Date.now() + ms;
      return kept;
    },
    release: async ({ token }: LaneClaim) => {
      const isHeld = token === lane?.token;
      if (isHeld) lane = undefined;
      return isHeld;
    },
  };
}

let consumers: Consumers;
let shared: ReturnType<typeof memoryLanes>;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 21, 2) });
  consumers = new Consumers();
  shared = memoryLanes();
});

afterEach(() => {
  vi.useRealTimers();
});

function host(owner: string, channel: HostedChannelOptions = {}, options: Partial<ChannelHostOptions> = {}) {
  const lanes = cuttableLanes(shared);
  const lost: string[] = [];
  const made = createChannelHost({
    channels: [hostedChannel(owner, consumers, channel)],
    lanes,
    owner,
    logger: silent,
    metrics: { leaseLost: (kind) => lost.push(kind) },
    now: () => performance.now(),
    date: () => new Date(),
    leaseMs,
    ...options,
  });
  made.start();
  return { ...made, lanes, lost };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe("a channel that several processes may run", () => {
  it("runs at once in each, and none of them asks for a lane", async () => {
    const held: string[] = [];
    const a = host("a", { exclusive: false }, { onHeld: (name) => held.push(name) });
    const b = host("b", { exclusive: false });
    a.lanes.cut = "fails";
    await pass(0);
    expect(consumers.running).toEqual(["a", "b"]);
    expect([a.holds("telegram"), b.holds("telegram"), a.holds("wechat")]).toEqual([true, true, false]);
    expect(held).toEqual(["telegram"]);
    await Promise.all([a.stop(), b.stop()]);
    expect(consumers.running).toEqual([]);
    expect(a.holds("telegram")).toBe(false);
  });
});

describe("an exclusive channel", () => {
  it("runs in one process, which keeps it, and the others stand by", async () => {
    const a = host("a");
    await pass(0);
    const b = host("b");
    await pass(10 * leaseMs);
    expect(consumers.journal).toEqual(["a starts"]);
    expect([a.holds("telegram"), b.holds("telegram")]).toEqual([true, false]);
    expect([a.maySend("telegram"), b.maySend("telegram")]).toEqual([true, false]);
    expect(a.health().telegram?.state).toBe("ready");
    expect(b.health().telegram).toEqual({ state: "standby", since: "2026-11-21T02:00:00.000Z" });
  });

  it("goes to another process as soon as its holder stops in order", async () => {
    const held: string[] = [];
    const a = host("a");
    await pass(0);
    const b = host("b", {}, { onHeld: (name) => held.push(name) });
    await pass(leaseMs);
    await a.stop();
    expect(held).toEqual([]);
    await pass(leaseMs / 3);
    expect(held).toEqual(["telegram"]);
    expect(consumers.journal).toEqual(["a starts", "a stops", "b starts"]);
    expect(b.holds("telegram")).toBe(true);
  });

  it.each(["fails", "hangs"] as const)(
    "has stopped before anybody else can begin, when its holder's database %s",
    async (cut) => {
      // Nearly as slow to stop as it may be.
      const a = host("a", { stop: () => pause(leaseMs / 3 - 100) });
      await pass(0);
      host("b");
      await pass(leaseMs);
      a.lanes.cut = cut;
      await pass(3 * leaseMs);
      expect(consumers.journal).toEqual(["a starts", "a stops", "b starts"]);
      expect(consumers.most).toBe(1);
      expect(a.holds("telegram")).toBe(false);
      expect(a.health().telegram).toMatchObject({
        state: "down",
        reason: expect.stringContaining("database"),
      });
      expect(a.lost).toEqual(["channel"]);
      a.lanes.cut = "no";
      await pass(leaseMs);
      expect(a.health().telegram?.state).toBe("standby");
    },
  );

  it("survives a short absence of the database without a stop", async () => {
    const a = host("a");
    await pass(leaseMs);
    a.lanes.cut = "fails";
    await pass(leaseMs / 3);
    a.lanes.cut = "no";
    await pass(5 * leaseMs);
    expect(consumers.journal).toEqual(["a starts"]);
    expect(a.lost).toEqual([]);
  });

  it("begins again in the same process when the database is back", async () => {
    const a = host("a");
    await pass(0);
    a.lanes.cut = "fails";
    await pass(2 * leaseMs);
    expect(consumers.running).toEqual([]);
    a.lanes.cut = "no";
    await pass(leaseMs);
    expect(consumers.journal).toEqual(["a starts", "a stops", "a starts"]);
    expect(a.holds("telegram")).toBe(true);
  });

  it("is not held one moment longer than its lease, even where nothing could run in between", async () => {
    let ms = 0;
    const a = host("a", {}, { now: () => ms });
    await pass(0);
    expect(a.holds("telegram")).toBe(true);
    ms = leaseMs - 1;
    expect(a.holds("telegram")).toBe(true);
    ms = leaseMs;
    expect(a.holds("telegram")).toBe(false);
  });

  it("that does not stop is not started twice here", async () => {
    const stopped = Promise.withResolvers<void>();
    const a = host("a", { stop: () => stopped.promise });
    await pass(0);
    a.lanes.cut = "fails";
    await pass(4 * leaseMs);
    a.lanes.cut = "no";
    await pass(4 * leaseMs);
    expect(consumers.journal).toEqual(["a starts"]);
    expect(a.health().telegram).toMatchObject({ state: "down", reason: "it does not stop" });
    stopped.resolve();
    await pass(leaseMs);
    expect(consumers.journal).toEqual(["a starts", "a stops", "a starts"]);
  });

  it("that does not stop does not keep the process from ending, and its lane runs out by itself", async () => {
    const released = vi.spyOn(shared, "release");
    const a = host("a", { stop: () => new Promise(() => {}) });
    await pass(0);
    const stopping = a.stop();
    await pass(leaseMs);
    await stopping;
    expect(a.holds("telegram")).toBe(false);
    expect(released).not.toHaveBeenCalled();
  });

  it("whose lane another process took stops at once", async () => {
    const a = host("a");
    await pass(0);
    const { renew } = shared;
    shared.renew = async () => [];
    await pass(leaseMs / 3);
    expect(consumers.running).toEqual([]);
    expect(a.holds("telegram")).toBe(false);
    expect(a.health().telegram?.state).toBe("standby");
    shared.renew = renew;
    await a.stop();
  });
});

describe("a channel whose start throws", () => {
  it("is reported down with the reason and tried again, less and less often", async () => {
    const tries: number[] = [];
    const begun = Date.now();
    const start = async () => {
      tries.push((Date.now() - begun) / 1_000);
      if (tries.length < 9) throw new AppError("channel.unavailable", "The bot's token is refused.");
    };
    const a = host("a", { start });
    await pass(500);
    expect(a.health().telegram).toEqual({
      state: "down",
      reason: "The bot's token is refused.",
      since: "2026-11-21T02:00:00.000Z",
    });
    expect([a.holds("telegram"), a.maySend("telegram")]).toEqual([true, false]);
    await pass(300_000);
    expect(tries).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183]);
    expect(a.health().telegram?.state).toBe("ready");
    expect(a.maySend("telegram")).toBe(true);
  });

  it("does not show a foreign error's text, which may hold a token", async () => {
    const start = async () => {
      throw new TypeError("https://api.telegram.org/bot123:secret/getMe failed");
    };
    const a = host("a", { start, exclusive: false });
    await pass(0);
    expect(a.health().telegram?.reason).toBe("could not be started (TypeError)");
  });

  it("and one whose start never ends still let the others run and the process stop", async () => {
    const a = createChannelHost({
      channels: [
        hostedChannel("hangs", consumers, {
          name: "wechat",
          exclusive: false,
          start: () => new Promise(() => {}),
        }),
        hostedChannel("runs", consumers, { exclusive: false }),
      ],
      lanes: shared,
      owner: "a",
      logger: silent,
      now: () => performance.now(),
      date: () => new Date(),
    });
    a.start();
    await pass(0);
    expect(consumers.running).toEqual(["runs"]);
    const stopping = a.stop();
    await pass(leaseMs);
    await stopping;
    expect(consumers.running).toEqual([]);
  });
});

it("a channel that cannot tell its health is down, and the others are told", async () => {
  const broken = {
    ...hostedChannel("a", consumers, { exclusive: false, name: "wechat" }),
    health: () => {
      throw new Error("no");
    },
  };
  const a = host("a", {}, { channels: [broken, hostedChannel("a", consumers, { exclusive: false })] });
  await pass(0);
  expect(a.health()).toMatchObject({ wechat: { state: "down" }, telegram: { state: "ready" } });
});
