import { beforeEach, describe, expect, it } from "vitest";
import type { HostedHealth } from "../../../src/channels/channel-host.ts";
import {
  type ChannelAlert,
  ChannelWatch,
  type ChannelWatchOptions,
  type OutboxBacklog,
} from "../../../src/channels/channel-watch.ts";

const begin = Date.UTC(2026, 10, 21, 2);
let seconds: number;
let health: HostedHealth;
let backlog: Record<string, OutboxBacklog>;
let alerts: ChannelAlert[];
let changes: string[];
let logged: string[];
let figures: Record<string, unknown>;

const at = (second: number) => new Date(begin + second * 1_000).toISOString();

/** From now on the channel is in this state. */
function becomes(state: HostedHealth["state"], reason?: string): void {
  health = { state, ...(reason === undefined ? {} : { reason }), since: at(seconds) };
}

function watch(options: Partial<ChannelWatchOptions> = {}): ChannelWatch {
  return new ChannelWatch({
    health: () => ({ telegram: health }),
    backlog: async () => backlog,
    alerts: { send: (alert) => alerts.push(alert) },
    metrics: {
      channelState: (channel, state) => {
        figures[`${channel} state`] = state;
      },
      channelDownSeconds: (channel, away) => {
        figures[`${channel} down`] = away;
      },
      waitingDeliveries: (channel, count, oldest) => {
        figures[`${channel} waiting`] = [count, oldest];
      },
    },
    logger: {
      info: (_, line) => logged.push(line),
      warn: (_, line) => logged.push(line),
      error: (_, line) => logged.push(line),
    },
    now: () => new Date(begin + seconds * 1_000),
    onChange: (_channel, { state }) => changes.push(state),
    ...options,
  });
}

/** A look every three seconds until this moment. */
async function lookUntil(made: ChannelWatch, second: number): Promise<void> {
  for (; seconds <= second; seconds += 3) {
    made.look();
    await new Promise(setImmediate);
  }
  seconds = second;
}

beforeEach(() => {
  seconds = 0;
  alerts = [];
  changes = [];
  logged = [];
  figures = {};
  backlog = {};
  becomes("ready");
});

describe("a channel that goes down", () => {
  it("is told of once after a minute, and once when it is back, with how long it was away", async () => {
    const made = watch();
    await lookUntil(made, 30);
    becomes("down", "no answer in time");
    await lookUntil(made, 87);
    expect(alerts).toEqual([]);
    await lookUntil(made, 3_600);
    expect(alerts).toEqual([
      {
        type: "channel.down",
        channel: "telegram",
        state: "down",
        reason: "no answer in time",
        since: at(30),
      },
    ]);
    expect(figures).toMatchObject({ "telegram state": "down" });
    expect(Math.round(figures["telegram down"] as number)).toBe(3_570);
    becomes("ready");
    await lookUntil(made, 4_000);
    expect(alerts.slice(1)).toEqual([
      { type: "channel.back", channel: "telegram", state: "ready", since: at(3_600), awaySeconds: 3_570 },
    ]);
    expect(figures).toMatchObject({ "telegram state": "ready", "telegram down": 0 });
    expect(changes).toEqual(["ready", "down", "ready"]);
    expect(logged).toHaveLength(3);
  });

  it("and is back within a minute is told of to nobody", async () => {
    const made = watch();
    await lookUntil(made, 3);
    becomes("down");
    await lookUntil(made, 60);
    becomes("degraded", "slow");
    await lookUntil(made, 600);
    expect(alerts).toEqual([]);
    expect(changes).toEqual(["ready", "down", "degraded"]);
  });

  it("counts as away while it tries again and again, until it is ready", async () => {
    const made = watch();
    await lookUntil(made, 9);
    for (let round = 0; round < 4; round += 1) {
      becomes("down");
      await lookUntil(made, seconds + 15);
      becomes("starting");
      await lookUntil(made, seconds + 15);
    }
    expect(alerts.map(({ type, since }) => [type, since])).toEqual([["channel.down", at(9)]]);
    becomes("ready");
    await lookUntil(made, seconds + 3);
    expect(alerts.at(-1)).toMatchObject({ type: "channel.back", awaySeconds: 120 });
  });

  it("is told of again when it goes down again", async () => {
    const made = watch();
    for (const start of [0, 1_000]) {
      await lookUntil(made, start);
      becomes("down");
      await lookUntil(made, start + 100);
      becomes("ready");
      await lookUntil(made, start + 200);
    }
    expect(alerts.map(({ type }) => type)).toEqual([
      "channel.down",
      "channel.back",
      "channel.down",
      "channel.back",
    ]);
  });
});

it("a channel that never gets past its start is told of too", async () => {
  becomes("starting");
  await lookUntil(watch(), 63);
  expect(alerts).toMatchObject([{ type: "channel.down", state: "starting", since: at(0) }]);
});

it("a channel that another process holds is no fault", async () => {
  becomes("standby");
  backlog = { telegram: { waiting: 9, oldestMs: 900_000 } };
  await lookUntil(watch(), 1_000);
  expect(alerts).toEqual([]);
  expect(figures).toMatchObject({ "telegram down": 0 });
});

describe("replies that wait though the channel works", () => {
  it("are told of once after five minutes, and again only after they went out", async () => {
    const made = watch();
    await lookUntil(made, 400);
    backlog = { telegram: { waiting: 7, oldestMs: 300_000 } };
    await lookUntil(made, 410);
    expect(alerts).toEqual([]);
    backlog = { telegram: { waiting: 7, oldestMs: 301_000 } };
    await lookUntil(made, 800);
    expect(alerts).toMatchObject([{ type: "outbox.stuck", channel: "telegram", waiting: 7, state: "ready" }]);
    expect(figures).toMatchObject({ "telegram waiting": [7, 301] });
    backlog = {};
    await lookUntil(made, 810);
    expect(figures).toMatchObject({ "telegram waiting": [0, 0] });
    backlog = { telegram: { waiting: 1, oldestMs: 400_000 } };
    await lookUntil(made, 820);
    expect(alerts).toHaveLength(2);
  });

  it("have five minutes after an outage, however long they waited for it", async () => {
    becomes("down");
    const made = watch();
    backlog = { telegram: { waiting: 50, oldestMs: 7_200_000 } };
    await lookUntil(made, 600);
    becomes("ready");
    await lookUntil(made, 890);
    expect(alerts.map(({ type }) => type)).toEqual(["channel.down", "channel.back"]);
    await lookUntil(made, 910);
    expect(alerts.at(-1)?.type).toBe("outbox.stuck");
  });

  it("that cannot be counted hold up no look, and the count goes on later", async () => {
    let calls = 0;
    const first = Promise.withResolvers<Record<string, OutboxBacklog>>();
    const made = watch({
      backlog: () => {
        calls += 1;
        return calls === 1 ? first.promise : Promise.resolve({ telegram: { waiting: 2, oldestMs: 0 } });
      },
    });
    becomes("down");
    await lookUntil(made, 90);
    expect(alerts).toHaveLength(1);
    expect(calls).toBe(1);
    first.reject(new Error("the database is away"));
    await lookUntil(made, 99);
    expect(figures).toMatchObject({ "telegram waiting": [2, 0] });
  });
});
