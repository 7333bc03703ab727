import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import type { WechatChannel } from "../../../src/channels/wechat/channel.ts";
import type { LoginCode } from "../../../src/channels/wechat/login-code.ts";
import { freePort, type GatewayOptions, WechatGateway } from "../../support/wechat/gateway.ts";
import { openChannel } from "../../support/wechat/open-channel.ts";
import {
  MemoryFiles,
  RecordingInbox,
  recordingLogger,
  storeAway,
  until,
} from "../../support/wechat/recording-ports.ts";

const marks = { repeat: false, late: false };
const worker = { key: "worker", surface: "private", data: { contactId: "worker" } } as const;

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const { stop } of open.splice(0)) await stop();
});

async function startGateway(options: GatewayOptions = {}): Promise<WechatGateway> {
  const gateway = await WechatGateway.start(options);
  open.push({ stop: () => gateway.kill() });
  await gateway.do("contact", { id: "worker", name: "老王" });
  return gateway;
}

interface Opened {
  readonly channel: WechatChannel;
  readonly inbox: RecordingInbox;
  readonly logger: ReturnType<typeof recordingLogger>;
}

async function startChannel(
  gateway: { endpoint: string; token: string },
  options: Partial<Parameters<typeof openChannel>[0]> = {},
): Promise<Opened> {
  const inbox = new RecordingInbox();
  const logger = recordingLogger();
  const channel = await openChannel({ gateway, inbox, files: new MemoryFiles(), logger, ...options });
  open.unshift({ stop: () => channel.stop() });
  await channel.start();
  return { channel, inbox, logger };
}

const isReady = (channel: WechatChannel) => () => channel.health().state === "ready";
const send = (channel: WechatChannel) =>
  channel.sender?.send(worker, { text: "在" }, marks, AbortSignal.timeout(20_000));

test("a gateway that is killed and stays away for a while is found again, with its messages", async () => {
  const first = await startGateway();
  const { channel, inbox } = await startChannel(first);
  await until("the login", isReady(channel));
  const since = channel.health().since;
  await first.kill();
  await until("the loss", () => channel.health().state === "down");
  expect(channel.health()).toMatchObject({ reason: "the gateway does not answer" });
  expect(await send(channel)).toMatchObject({ state: "retry", scope: "channel" });
  const again = await startGateway({ port: first.port, token: first.token });
  await until("the recovery", isReady(channel));
  expect(channel.health().since > since).toBe(true);
  await again.do("message", { id: "m1", text: "还在吗" });
  await until("the message", () => inbox.texts.includes("还在吗"));
  expect(await send(channel)).toEqual({ state: "sent" });
});

test("a gateway that is not there at the start is found when it comes", async () => {
  const place = { port: await freePort(), token: "insecure_3f2b5a1e-0000-4000-8000-000000000000" };
  const { channel } = await startChannel({ endpoint: `127.0.0.1:${place.port}`, token: place.token });
  await until("the failure", () => channel.health().state === "down");
  await startGateway(place);
  await until("the login", isReady(channel));
});

test("a gateway that falls silent while its connection stands counts as dead", async () => {
  const gateway = await startGateway();
  const { channel, logger } = await startChannel(gateway, { waits: { silenceMs: 400 } });
  await until("the login", isReady(channel));
  await gateway.do("fallSilent");
  await until("the silence", () =>
    logger.lines.some(({ details }) => details.reason === "the gateway is silent"),
  );
  await until("another session", async () => (await gateway.do("report")).starts > 1);
});

test("a logout is told, nothing is sent meanwhile, and the account is asked for a login again", async () => {
  const gateway = await startGateway();
  const { channel } = await startChannel(gateway, { waits: { loginMs: 600 } });
  await until("the login", isReady(channel));
  await gateway.do("logout");
  await until("the logout", () => channel.health().state === "down");
  expect(channel.health().reason).toBe("the account was logged out");
  expect(await send(channel)).toMatchObject({ state: "retry", scope: "channel" });
  await until("the login after it", isReady(channel));
});

test("a login code is drawn, told and kept until it is scanned", async () => {
  const gateway = await startGateway({ login: "by scan" });
  const told: LoginCode[] = [];
  const drawn: string[] = [];
  const { channel } = await startChannel(gateway, {
    onLoginCode: (code) => told.push(code),
    terminal: { write: (text: string) => drawn.push(text) },
    waits: { loginMs: 300 },
  });
  await until("the code", () => channel.loginCode() !== undefined);
  expect(channel.health()).toMatchObject({
    state: "degraded",
    reason: "waiting for the login code to be scanned",
  });
  expect(channel.loginCode()).toMatchObject({ code: "code-1" });
  await gateway.do("scan", "code-2");
  await until("the next code", () => channel.loginCode()?.code === "code-2");
  expect(told.map(({ code }) => code)).toEqual(["code-1", "code-2"]);
  expect(drawn).toHaveLength(2);
  expect(drawn[0]).toMatch(/[▀▄█]/);
  await gateway.do("login");
  await until("the login", isReady(channel));
  expect(channel.loginCode()).toBeUndefined();
  // While the code waited the session was left alone.
  expect((await gateway.do("report")).starts).toBe(1);
});

test("a login code that nobody scans is replaced in the end", async () => {
  const gateway = await startGateway({ login: "by scan" });
  const { channel } = await startChannel(gateway, { waits: { codeMs: 300 } });
  await until("the second session's code", () => channel.loginCode()?.code === "code-2");
});

test("what shows login codes may fail without harm", async () => {
  const gateway = await startGateway({ login: "by scan" });
  const { channel, logger } = await startChannel(gateway, {
    onLoginCode: () => {
      throw new Error("no notification");
    },
  });
  await until("the code", () => channel.loginCode() !== undefined);
  await gateway.do("scan", "too long to be drawn ".repeat(500));
  await until("both faults", () => logger.lines.filter(({ level }) => level === "warn").length >= 2);
  await gateway.do("login");
  await until("the login", isReady(channel));
});

test("a gateway that never logs in is asked anew", async () => {
  const gateway = await startGateway({ login: "never" });
  const { channel } = await startChannel(gateway, { waits: { loginMs: 200 } });
  await until("a second session", async () => (await gateway.do("report")).starts > 1);
  expect(channel.health()).toMatchObject({ state: "down", reason: "no login" });
});

test("a send during which the gateway dies is left open", async () => {
  const gateway = await startGateway();
  const { channel } = await startChannel(gateway);
  await until("the login", isReady(channel));
  await gateway.do("sendMode", "die");
  expect(await send(channel)).toMatchObject({ state: "unknown" });
});

test("a gateway that dies while a file is fetched takes nothing else with it", async () => {
  const gateway = await startGateway();
  const { channel, inbox } = await startChannel(gateway);
  await until("the login", isReady(channel));
  const base64 = Buffer.alloc(100_000).toString("base64");
  await gateway.do("message", { id: "photo", type: 6, file: { name: "a.jpg", base64, dies: true } });
  await until("the message", () => inbox.events.length === 1);
  expect(inbox.events[0]).toMatchObject({ attachments: [{ kind: "photo", refused: "gone" }] });
  await until("the loss", () => channel.health().state === "down");
});

test("a gateway with another token says so, without the token", async () => {
  const gateway = await startGateway();
  const token = "insecure_00000000-0000-4000-8000-000000000000";
  const { channel, logger } = await startChannel({ endpoint: gateway.endpoint, token });
  await until("the refusal", () => channel.health().state === "down");
  expect(channel.health().reason).toBe("the gateway refuses the token");
  expect(JSON.stringify(logger.lines)).not.toContain("00000000-0000");
});

test("what was received is stored before a stop ends, and the channel can be started again", async () => {
  const gateway = await startGateway();
  const { channel, inbox } = await startChannel(gateway);
  await until("the login", isReady(channel));
  inbox.failure = storeAway();
  await gateway.do("message", { id: "last", text: "最后一句" });
  await until("the attempt", () => inbox.attempts > 0);
  const stopping = channel.stop();
  inbox.failure = undefined;
  await stopping;
  expect(inbox.texts).toEqual(["最后一句"]);
  expect(channel.health()).toMatchObject({ state: "down", reason: "stopped" });
  await channel.start();
  await until("the login again", isReady(channel));
});

test.each(["there", "away"])(
  "a stop leaves nothing running that keeps a process alive, the gateway %s",
  async (where) => {
    const gateway = await startGateway();
    if (where === "away") await gateway.kill();
    const child = fork(
      fileURLToPath(new URL("../../support/wechat/stopping-process.ts", import.meta.url)),
      [],
      {
        execArgv: [],
        env: { ...process.env, GATEWAY_ENDPOINT: gateway.endpoint, GATEWAY_TOKEN: gateway.token },
      },
    );
    open.push({ stop: async () => void child.kill("SIGKILL") });
    const told: unknown[] = [];
    child.on("message", (message) => told.push(message));
    const [code] = await once(child, "exit");
    expect({ code, told }).toEqual({ code: 0, told: [where === "there" ? "ready" : "down", "stopped"] });
  },
);
