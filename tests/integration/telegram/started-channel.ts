import { expect, onTestFinished, vi } from "vitest";
import {
  createTelegramChannel,
  type TelegramChannel,
  type TelegramChannelOptions,
} from "../../../src/channels/telegram/channel.ts";
import type { ChannelLogger } from "../../../src/channels/telegram/take-in.ts";
import { type BotApi, type BotApiOptions, startBotApi } from "../../support/bot-api/start-bot-api.ts";
import { InboxRecorder } from "./inbox-recorder.ts";

/** Every line of the log as one text, to see that nothing stands in it that must not. */
export class LogRecorder implements ChannelLogger {
  readonly lines: string[] = [];
  debug = (details: object, message: string) => this.#add(details, message);
  info = (details: object, message: string) => this.#add(details, message);
  warn = (details: object, message: string) => this.#add(details, message);
  error = (details: object, message: string) => this.#add(details, message);

  get text(): string {
    return this.lines.join("\n");
  }

  #add(details: object, message: string): void {
    this.lines.push(`${message} ${JSON.stringify(details)}`);
  }
}

export interface Setup {
  readonly api: BotApi;
  readonly channel: TelegramChannel;
  readonly inbox: InboxRecorder;
  readonly log: LogRecorder;
}

export async function botApi(options?: BotApiOptions): Promise<BotApi> {
  const api = await startBotApi(options);
  onTestFinished(() => api.close());
  return api;
}

type Settings = TelegramChannelOptions["settings"];

/** A channel on a Bot API; not started. */
export function channelOn(
  api: Pick<BotApi, "url" | "token">,
  options: Partial<Omit<TelegramChannelOptions, "settings">> & {
    settings?: Partial<Settings>;
    inbox?: InboxRecorder;
  } = {},
): Omit<Setup, "api"> {
  const { inbox = new InboxRecorder(), settings, ...more } = options;
  const log = new LogRecorder();
  const channel = createTelegramChannel({
    settings: {
      token: api.token,
      apiRoot: api.url,
      messagesPerSecond: 30,
      messagesPerChatPerSecond: 1,
      ...settings,
    },
    inbox,
    logger: log,
    now: () => new Date(),
    random: () => 0.5,
    pace: { firstMs: 5, mostMs: 20, slowMs: 20 },
    pollSeconds: 2,
    ...more,
  });
  onTestFinished(() => channel.stop());
  return { channel, inbox, log };
}

/** A polling channel that is ready, on a Bot API of its own. */
export async function pollingChannel(options: BotApiOptions = {}): Promise<Setup> {
  const api = await botApi(options);
  const setup = channelOn(api);
  await setup.channel.start();
  await eventually(() => expect(setup.channel.health()).toMatchObject({ state: "ready" }));
  return { api, ...setup };
}

/** Waits until an assertion holds. */
export const eventually = (assertion: () => void) => vi.waitFor(assertion, { timeout: 10_000, interval: 5 });
