/**
 * A screen recording in words: runs the service against a Bot API server and a WeChat gateway (gRPC), both of the
 * tests and on loopback, asks one question on each, then wants to be forgotten, and prints what a person would see,
 * with times. `npm exec -- node scripts/record-conversations.ts`; takes half a minute, needs no account.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type BotApi, startBotApi } from "../tests/support/bot-api/start-bot-api.ts";
import { startServiceProcess } from "../tests/support/service-process.ts";
import { WechatGateway } from "../tests/support/wechat/gateway.ts";

const assistant = "娘家人";
const worker = "工友";
/** Milliseconds without anything new after which a reply counts as complete. */
const quiet = 2_500;
const patience = 60_000;

/** Prints one conversation: who said what, and when. */
class Recording {
  readonly #began = performance.now();
  #lastHeard = 0;
  #heard = 0;

  constructor(title: string) {
    process.stdout.write(`\n${title}\n${"─".repeat(60)}\n`);
  }

  say(text: string): void {
    this.#print(worker, text);
  }

  hear(text: string): void {
    this.#heard += 1;
    this.#lastHeard = performance.now();
    this.#print(assistant, text);
  }

  /** Resolves when something was heard after `act`, and then nothing more for a while. */
  async answered(act: () => unknown): Promise<void> {
    const before = this.#heard;
    await act();
    const end = performance.now() + patience;
    while (this.#heard === before || performance.now() - this.#lastHeard < quiet) {
      if (performance.now() > end) throw new Error("no answer came");
      await sleep(20);
    }
  }

  #print(who: string, text: string): void {
    const seconds = ((performance.now() - this.#began) / 1_000).toFixed(1).padStart(5);
    const [first = "", ...rest] = text.split("\n");
    const indent = " ".repeat(9);
    const lines = [
      `${seconds} s  ${who}：${first}`,
      ...rest.map((line) => (line === "" ? "" : indent + line)),
    ];
    process.stdout.write(`${lines.join("\n")}\n\n`);
  }
}

async function onTelegram(api: BotApi): Promise<void> {
  const recording = new Recording("Telegram");
  const person = api.newPerson();
  api.onSent(({ text, keyboard }) => {
    const buttons = keyboard?.inline_keyboard.map((row) =>
      row.map((button) => `〔${button.text}〕`).join(" "),
    );
    recording.hear([text, ...(buttons ?? [])].join("\n"));
  });
  const say = (text: string) =>
    recording.answered(() => {
      recording.say(text);
      person.sends(text);
    });
  await say("/start");
  await say("公司一直不签合同，我能要什么赔偿？");
  await say("/forget");
}

async function onWechat(gateway: WechatGateway): Promise<void> {
  const recording = new Recording("微信（WeChat）");
  const contact = "lao-wang";
  await gateway.do("contact", { id: contact, name: "老王" });
  const stop = new AbortController();
  const watching = watchSent(gateway, contact, (text) => recording.hear(text), stop.signal);
  let messages = 0;
  const say = (text: string) =>
    recording.answered(async () => {
      recording.say(text);
      messages += 1;
      await gateway.do("message", { id: `m${messages}`, text, talkerId: contact });
    });
  await say("老板拖欠我三个月工资，该去哪里告");
  await say("人工");
  await say("/forget");
  await say("1");
  stop.abort();
  await watching;
}

/** Tells of everything that the account sends to a contact. */
async function watchSent(
  gateway: WechatGateway,
  contact: string,
  onSent: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let seen = 0;
  while (!signal.aborted) {
    const { sent } = await gateway.do("report");
    const all = sent.filter(({ to }) => to === contact);
    for (const { text } of all.slice(seen)) onSent(text);
    seen = all.length;
    await sleep(20);
  }
}

/** Resolves when the service says that both messengers are ready. */
async function untilReady(url: string): Promise<void> {
  for (const end = Date.now() + patience; Date.now() < end; await sleep(50)) {
    const { channels } = (await (await fetch(`${url}/readyz`)).json()) as {
      channels: Record<string, { state: string }>;
    };
    if (channels.telegram?.state === "ready" && channels.wechat?.state === "ready") return;
  }
  throw new Error("the channels did not become ready");
}

const folder = await mkdtemp(join(tmpdir(), "niangjia-recording-"));
const api = await startBotApi({ recordCalls: false });
const gateway = await WechatGateway.start();
try {
  const service = await startServiceProcess({
    DATA_DIR: folder,
    HOME: folder,
    TELEGRAM_BOT_TOKEN: api.token,
    TELEGRAM_API_ROOT: api.url,
    WECHAT_PUPPET: "wechaty-puppet-service",
    WECHAT_PUPPET_ENDPOINT: gateway.endpoint,
    WECHAT_PUPPET_TOKEN: gateway.token,
    WECHAT_ACCEPT_UNOFFICIAL: "yes",
  });
  try {
    await untilReady(service.url);
    await onTelegram(api);
    await onWechat(gateway);
  } finally {
    await service.kill();
  }
} finally {
  await gateway.kill();
  await api.close();
  await rm(folder, { recursive: true, force: true });
}
