import { randomBytes } from "node:crypto";
import { AppError } from "../../../errors.ts";
import type { ChannelHealth, ChannelState } from "../../../messaging/channel-health.ts";
import type { InboxPort } from "../../../messaging/inbox.ts";
import type { Channel } from "../../channel.ts";
import { lookingItUp, lookingItUpAskAgain } from "../texts.ts";
import { MessageCrypt } from "./crypt.ts";
import { PassiveReplies } from "./passive-replies.ts";
import { describeCode, PlatformApi } from "./platform-api.ts";
import { isMediaId } from "./receive.ts";
import { createAccountSender, longestAccountText } from "./send.ts";
import { createWebhook } from "./webhook.ts";

export interface OfficialAccountSettings {
  readonly appId: string;
  readonly appSecret: string;
  /** The word that both sides sign with. */
  readonly token: string;
  /** Set where the account's messages are encrypted (安全模式). */
  readonly encodingAesKey?: string;
}

export interface OfficialAccountOptions {
  readonly settings: OfficialAccountSettings;
  readonly inbox: Pick<InboxPort, "receiveEvents">;
  /** Makes what waits in the outbox for this conversation due now: its contact has an open request. */
  readonly sendWaiting?: ((conversationId: string) => Promise<void>) | undefined;
  readonly logger: {
    info(details: Readonly<Record<string, unknown>>, message: string): void;
    warn(details: Readonly<Record<string, unknown>>, message: string): void;
  };
  readonly now: () => Date;
  /** Default: WeChat's own. */
  readonly apiRoot?: string | undefined;
  /** All in milliseconds. */
  readonly waits?: Partial<AccountWaits> | undefined;
}

export interface AccountWaits {
  /** From a request to its answer. The platform waits 5 000. */
  readonly answerMs: number;
  readonly callMs: number;
  readonly fileMs: number;
  /** Between two looks whether the platform gives a token. */
  readonly checkMs: number;
  /** In which a contact is told only once to wait. */
  readonly lookingMs: number;
}

const accountWaits: AccountWaits = {
  answerMs: 4_300,
  callMs: 10_000,
  fileMs: 60_000,
  checkMs: 60_000,
  lookingMs: 120_000,
};

/** The address that is set in the account's settings, behind the public URL of this service. */
export const webhookPath = "/api/wechat/webhook";

/** What is needed of the HTTP server. */
export interface WebhookServer {
  all(
    path: string,
    handler: (context: { readonly req: { readonly raw: Request } }) => Promise<Response>,
  ): unknown;
}

export interface OfficialAccountChannel extends Channel {
  /** Adds the address at which the platform hands in messages. */
  readonly mount: (server: WebhookServer) => void;
}

/**
 * A WeChat official account, by the platform's own interface. Any replica may serve it: an answer goes into the open
 * request where the replica that sends is the one that holds it, else as a service message.
 */
export function createOfficialAccountChannel(options: OfficialAccountOptions): OfficialAccountChannel {
  const { settings, inbox, logger, now } = options;
  const waits = { ...accountWaits, ...options.waits };
  const { appId, appSecret, token, encodingAesKey } = settings;
  const api = new PlatformApi({
    appId,
    appSecret,
    apiRoot: options.apiRoot ?? "https://api.weixin.qq.com",
    now,
    callMs: waits.callMs,
    fileMs: waits.fileMs,
  });
  const replies = new PassiveReplies();
  const state = new AccountState(api, { ...options, checkMs: waits.checkMs });
  const webhook = createWebhook({
    token,
    crypt: encodingAesKey === undefined ? undefined : new MessageCrypt(encodingAesKey, appId),
    inbox,
    replies,
    sendWaiting: options.sendWaiting ?? (async () => {}),
    mayServe: () => state.serving,
    waitText: () => (state.hasServiceMessages ? lookingItUp : lookingItUpAskAgain),
    logger,
    now,
    randomBytes,
    answerMs: waits.answerMs,
    lookingMs: waits.lookingMs,
  });
  return {
    name: "wechat",
    exclusive: false,
    capabilities: {
      longestText: longestAccountText,
      sources: "footnotes",
      quickReplies: "numbers",
      receives: ["photo", "voice", "video", "location"],
      edits: false,
      deletions: false,
      groups: false,
      typing: false,
      previews: false,
      confirms: false,
    },
    sender: createAccountSender({
      replies,
      api,
      onServiceMessages: (allowed) => state.serviceMessages(allowed),
    }),
    mount: (server) => void server.all(webhookPath, ({ req }) => webhook(req.raw)),
    start: async () => {
      replies.open();
      state.start();
    },
    stop: async () => {
      replies.close();
      state.stop();
    },
    health: () => state.health,
    fetchFile: (reference, signal) => fetchMedia(api, reference, signal),
  };
}

/** Whether the account is served, and what the platform lets it do. */
class AccountState {
  readonly #api: PlatformApi;
  readonly #options: Pick<OfficialAccountOptions, "logger" | "now"> & { readonly checkMs: number };
  #timer: NodeJS.Timeout | undefined;
  serving = false;
  hasServiceMessages = true;
  health: ChannelHealth;

  constructor(
    api: PlatformApi,
    options: Pick<OfficialAccountOptions, "logger" | "now"> & { checkMs: number },
  ) {
    this.#api = api;
    this.#options = options;
    this.health = { state: "starting", since: options.now().toISOString() };
  }

  start(): void {
    this.serving = true;
    void this.#check();
  }

  stop(): void {
    this.serving = false;
    clearTimeout(this.#timer);
    this.#show("down", "stopped");
  }

  serviceMessages(allowed: boolean): void {
    if (allowed === this.hasServiceMessages) return;
    this.hasServiceMessages = allowed;
    if (allowed) this.#options.logger.info({}, "the official account may send service messages");
    else {
      this.#options.logger.warn(
        {},
        "the official account has no right to service messages: answers that take longer wait for the contact's next message",
      );
    }
  }

  /** Without a token the account can still answer at once, so it is degraded and not down. */
  async #check(): Promise<void> {
    const answer = await this.#api.checkToken();
    if (!this.serving) return;
    if (answer.state === "answered") {
      this.#show("ready");
      return;
    }
    this.#show("degraded", answer.reason);
    this.#options.logger.warn({ reason: answer.reason }, "the official account cannot send service messages");
    this.#timer = setTimeout(() => void this.#check(), this.#options.checkMs);
  }

  #show(state: ChannelState, reason?: string): void {
    const since = state === this.health.state ? this.health.since : this.#options.now().toISOString();
    this.health = { state, since, ...(reason === undefined ? {} : { reason }) };
  }
}

/** Errors of a media id that is wrong or older than three days. */
const mediaGone: readonly number[] = [40_004, 40_007];

async function fetchMedia(
  api: PlatformApi,
  reference: string,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  if (!isMediaId(reference)) throw new AppError("files.gone", "There is no such file.");
  const answer = await api.media(reference, signal);
  if ("state" in answer) {
    const reason = answer.state === "answered" ? describeCode(answer.code) : answer.reason;
    throw new AppError("files.unavailable", `WeChat does not give the file: ${reason}.`);
  }
  const type = answer.headers.get("content-type") ?? "";
  if (answer.ok && answer.body !== null && !/json|text\//i.test(type)) return answer.body;
  // An error comes as JSON with status 200.
  const { errcode = 0 } = (await answer.json().catch(() => ({}))) as { errcode?: number };
  if (mediaGone.includes(errcode)) throw new AppError("files.gone", "WeChat has the file no more.");
  throw new AppError("files.unavailable", `WeChat does not give the file: ${describeCode(errcode)}.`);
}
