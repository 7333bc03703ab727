import v8 from "node:v8";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { PuppetService } from "wechaty-puppet-service";
import type { PuppetWaits } from "../../../src/channels/wechat/puppet-channel.ts";
import { WechatGateway } from "../../support/wechat/gateway.ts";
import { openChannel } from "../../support/wechat/open-channel.ts";
import { MemoryFiles, RecordingInbox, recordingLogger, until } from "../../support/wechat/recording-ports.ts";

const rounds = 30;
const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const { stop } of open.splice(0)) await stop();
});

async function startGateway(login: "at start" | "never"): Promise<WechatGateway> {
  const gateway = await WechatGateway.start({ login });
  open.push({ stop: () => gateway.kill() });
  return gateway;
}

async function startChannel(gateway: WechatGateway, waits: Partial<PuppetWaits>) {
  const logger = recordingLogger();
  const channel = await openChannel({
    gateway,
    inbox: new RecordingInbox(),
    files: new MemoryFiles(),
    logger,
    waits: { restMs: 1, longestRestMs: 5, ...waits },
  });
  open.unshift({ stop: () => channel.stop() });
  await channel.start();
  return {
    channel,
    /** How often it was lost. */
    losses: () => logger.lines.filter(({ message }) => message.startsWith("WeChat is away")).length,
  };
}

/** Connections of this process, also those that would not keep it alive. */
function connections(): number {
  const { libuv } = process.report.getReport() as unknown as { libuv: { type: string }[] };
  return libuv.filter(({ type }) => type === "tcp").length;
}

/** Puppets that are still in memory. */
const puppets = () => v8.queryObjects(PuppetService, { format: "count" });

/** Warnings of this process, such as those of an emitter with ever more listeners. */
function recordWarnings(): Error[] {
  const warnings: Error[] = [];
  const add = (warning: Error) => {
    if (warning.name !== "ExperimentalWarning") warnings.push(warning);
  };
  process.on("warning", add);
  onTestFinished(() => void process.off("warning", add));
  return warnings;
}

test("thirty sessions, one after the other, leave no connection, no puppet and no listener behind", async () => {
  const warnings = recordWarnings();
  const before = connections();
  const gateway = await startGateway("never");
  const { channel, losses } = await startChannel(gateway, { loginMs: 5 });
  await until("the sessions", () => losses() >= rounds, 60_000);
  expect((await gateway.do("report")).starts).toBeGreaterThanOrEqual(rounds);
  expect(connections()).toBeLessThanOrEqual(before + 2);
  await channel.stop();
  await until("the last connection's end", () => connections() === before);
  // One may still be held by a clock of its own client.
  await until("the puppets' end", () => puppets() <= 2);
  expect(warnings).toEqual([]);
});

test("a gateway that hangs costs no connection, however often it is tried", async () => {
  const before = connections();
  const gateway = await startGateway("at start");
  const lost = await startChannel(gateway, { silenceMs: 400, stopMs: 200, startMs: 10_000 });
  await until("the login", () => lost.channel.health().state === "ready");
  expect(connections()).toBeGreaterThan(before);
  gateway.freeze();
  await until("the loss", () => lost.losses() === 1);
  await lost.channel.stop();

  const { channel, losses } = await startChannel(gateway, { startMs: 20, stopMs: 200 });
  await until("the attempts", () => losses() >= rounds, 60_000);
  // The one on which it hung, which ends with its process, and the one on which it is tried.
  expect(connections()).toBeLessThanOrEqual(before + 2);
  expect(puppets()).toBeLessThanOrEqual(3);
  await channel.stop();
  await gateway.kill();
  await until("the hung connection's end", () => connections() === before);
});
