import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { alertText } from "../../../src/telemetry/alert-text.ts";
import { webhookAlerts } from "../../../src/telemetry/alert-webhook.ts";
import { type Alert, Alerts, type AlertsOptions, type AlertWay } from "../../../src/telemetry/alerts.ts";
import { createLogger } from "../../../src/telemetry/logger.ts";

const since = "2026-11-21T02:32:00.000Z";
const down: Alert = { type: "channel.down", channel: "telegram", state: "down", reason: "no answer", since };

let log: string[];
let alerts: Alerts | undefined;

beforeEach(() => {
  log = [];
});
afterEach(() => {
  alerts?.stop();
  alerts = undefined;
});

function start(ways: AlertWay[], options: Partial<AlertsOptions> = {}): Alerts {
  const logger = createLogger({ level: "info", stream: { write: (line) => log.push(line) } });
  alerts = new Alerts({ ways, logger, retryMs: [1, 1], ...options });
  return alerts;
}

/** A way that keeps what it got and fails as often as it is told to. */
function recordingWay(failures = 0): AlertWay & { readonly got: string[] } {
  const got: string[] = [];
  let left = failures;
  return {
    name: "recording",
    got,
    deliver: async ({ text }) => {
      got.push(text);
      left -= 1;
      if (left >= 0) throw new Error("not now");
    },
  };
}

/** A server for alerts: answers with these statuses in turn, then 200; `never` answers nothing. */
async function alertServer(...answers: (number | "never")[]) {
  const bodies: unknown[] = [];
  const server = createServer(async (request, response) => {
    bodies.push(JSON.parse(Buffer.concat(await request.toArray()).toString("utf8")));
    const answer = answers.shift() ?? 200;
    if (answer === "never") return;
    response.writeHead(answer, answer === 302 ? { Location: "/elsewhere" } : {}).end("ok");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { bodies, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?key=s3cret` };
}

const got = (bodies: unknown[], count: number) =>
  vi.waitFor(() => expect(bodies).toHaveLength(count), { timeout: 5_000 });

describe("an alert by webhook", () => {
  it("is posted as JSON with a line for people", async () => {
    const { url, bodies } = await alertServer();
    start([webhookAlerts(url)]).send(down);
    await got(bodies, 1);
    expect(bodies[0]).toEqual({ ...down, text: alertText(down) });
  });

  it.each([500, 302, 404, "never"] as const)("that is answered by %s is tried again", async (answer) => {
    const { url, bodies } = await alertServer(answer);
    start([webhookAlerts(url)], { timeoutMs: 200 }).send(down);
    await got(bodies, 2);
    await vi.waitFor(() => expect(log).toHaveLength(1));
    expect(log.join("")).not.toContain("s3cret");
    await delay(20);
    expect(bodies).toHaveLength(2);
  });
});

describe("a way that does not take an alert", () => {
  it("is given up after some tries, with one line in the log, and gets the next one", async () => {
    const way = recordingWay(3);
    const made = start([way]);
    made.send(down);
    made.send({ ...down, channel: "wechat" });
    await got(way.got, 4);
    expect(way.got.filter((text) => text.includes("Telegram"))).toHaveLength(3);
    expect(log.filter((line) => line.includes("could not be delivered"))).toHaveLength(1);
  });

  it("holds up no other way, even one that never ends and heeds no signal", async () => {
    const fast = recordingWay();
    let tries = 0;
    const stuck: AlertWay = {
      name: "stuck",
      deliver: () => {
        tries += 1;
        return new Promise(() => {});
      },
    };
    const made = start([stuck, fast], { timeoutMs: 5, retryMs: [1] });
    for (let i = 0; i < 3; i += 1) made.send(down);
    await got(fast.got, 3);
    await vi.waitFor(() => expect(tries).toBe(6), { timeout: 5_000 });
  });

  it("keeps the newest alerts and no more than a hundred", async () => {
    const gate = Promise.withResolvers<void>();
    const texts: string[] = [];
    const deliver = async ({ text }: { text: string }) => {
      await gate.promise;
      texts.push(text);
    };
    const made = start([{ name: "slow", deliver }]);
    for (let i = 0; i < 150; i += 1) made.send({ ...down, reason: `r${i}.` });
    gate.resolve();
    await vi.waitFor(() => expect(texts.at(-1)).toContain("r149."));
    expect(texts).toHaveLength(101);
  });

  it("is left alone after the stop", async () => {
    const way = recordingWay(99);
    const made = start([way], { retryMs: [10_000] });
    made.send(down);
    await got(way.got, 1);
    made.stop();
    made.send(down);
    await delay(5);
    expect(way.got).toHaveLength(1);
  });
});

describe("messages that could not be answered", () => {
  const setAside: Alert = { type: "message.set_aside", channel: "wechat", reason: "turn failed", since };

  it("are told of at once, and those that follow soon together, by channel", async () => {
    vi.useFakeTimers();
    try {
      const way = recordingWay();
      const made = start([way]);
      for (let i = 0; i < 500; i += 1) made.send(setAside);
      made.send({ ...setAside, channel: "telegram" });
      await vi.advanceTimersByTimeAsync(599_000);
      expect(way.got).toEqual([
        expect.stringContaining("微信有 1 条来信没能答复（原因：turn failed）"),
        expect.stringContaining("Telegram有 1 条"),
      ]);
      await vi.advanceTimersByTimeAsync(2_000);
      expect(way.got.slice(2)).toEqual([expect.stringContaining("微信有 499 条来信没能答复，")]);
      made.send(setAside);
      await vi.advanceTimersByTimeAsync(0);
      expect(way.got).toHaveLength(4);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("the line for people", () => {
  it.each<[Alert, string]>([
    [down, "【娘家人】Telegram从11月21日 10:32起连不上（原因：no answer），系统在自动重试"],
    [
      { type: "channel.back", channel: "wechat", since, awaySeconds: 7_500 },
      "微信恢复了，11月21日 10:32起正常，断了2小时5分",
    ],
    [{ type: "channel.back", channel: "wechat", since, awaySeconds: 86_460 }, "断了1天。"],
    [{ type: "channel.back", channel: "web", since, awaySeconds: 61 }, "断了1分1秒"],
    [
      { type: "outbox.stuck", channel: "telegram", since, waiting: 3 },
      "有 3 个对话的回复发不出去，最早的从11月21日 10:32等到现在",
    ],
    [{ type: "message.set_aside", channel: "sms", since }, "sms有 1 条来信没能答复"],
  ])("%j", (alert, text) => {
    expect(alertText(alert)).toContain(text);
  });
});
