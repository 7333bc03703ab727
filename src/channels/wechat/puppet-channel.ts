import type { ChannelHealth } from "../../messaging/channel-health.ts";
import type { FileStore } from "../../messaging/file-store.ts";
import type { InboxPort } from "../../messaging/inbox.ts";
import type { Channel } from "../channel.ts";
import { within } from "../waiting.ts";
import { Arrivals } from "./arrivals.ts";
import { handleFriendship } from "./friend-requests.ts";
import { HandIn } from "./hand-in.ts";
import type { KeepContent } from "./keep-file.ts";
import { type LoginCode, LoginCodes } from "./login-code.ts";
import type { OpenSession, WechatAccount } from "./puppet.ts";
import { createPuppetSender, longestPersonalText } from "./send.ts";
import { Supervisor, type SupervisorWaits, supervisorWaits } from "./supervise.ts";

export interface PuppetChannelOptions {
  /** Whether friend requests are accepted. */
  readonly acceptFriends: boolean;
  readonly inbox: Pick<InboxPort, "receiveEvents">;
  readonly files: Pick<FileStore, "save" | "remove">;
  /** Looks at a file before it is kept. Default: whatever comes is kept. */
  readonly keepContent?: KeepContent | undefined;
  /** Bytes. */
  readonly longestFile: number;
  readonly newId: () => string;
  readonly logger: {
    info(details: Readonly<Record<string, unknown>>, message: string): void;
    warn(details: Readonly<Record<string, unknown>>, message: string): void;
    error(details: Readonly<Record<string, unknown>>, message: string): void;
  };
  readonly now: () => Date;
  /** From 0 to below 1. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Told of every login code that waits to be scanned. */
  readonly onLoginCode?: ((code: LoginCode) => void) | undefined;
  /** Where login codes are drawn, such as the process's standard error. Default: nowhere. */
  readonly terminal?: { write(text: string): unknown } | undefined;
  /** All in milliseconds. */
  readonly waits?: Partial<PuppetWaits> | undefined;
}

export interface PuppetWaits extends SupervisorWaits {
  /** How long a message may take to be read, and the rest before it is read again. */
  readonly readMs: number;
  readonly readAgainMs: number;
  /** After so long a file that does not come is given up. */
  readonly fileMs: number;
  /** After so long it is open whether a message went out. */
  readonly sendMs: number;
  /** Rest before a store that failed is tried again. */
  readonly storeRestMs: number;
  /** How long a stop waits for what was received to be read, and then to be stored. */
  readonly drainMs: number;
}

const puppetWaits: PuppetWaits = {
  ...supervisorWaits,
  readMs: 10_000,
  readAgainMs: 2_000,
  fileMs: 30_000,
  sendMs: 15_000,
  storeRestMs: 500,
  drainMs: 3_000,
};

/** Messages that are read or wait to be stored, in memory. */
const mostWaiting = 10_000;

export interface PuppetChannel extends Channel {
  loginCode(): LoginCode | undefined;
}

/**
 * The account behind a puppet, as a channel. One process at a time can hold it; it may be stopped and started again as
 * it is given up and won back.
 */
export function createPuppetChannel(open: OpenSession, options: PuppetChannelOptions): PuppetChannel {
  const { now, logger, onLoginCode, terminal } = options;
  const waits = { ...puppetWaits, ...options.waits };
  const codes = new LoginCodes({ now, logger, onLoginCode, terminal });
  let health: ChannelHealth = { state: "starting", since: now().toISOString() };
  let holding: Holding | undefined;
  let ending: Promise<void> = Promise.resolve();
  return {
    name: "wechat",
    exclusive: true,
    capabilities: {
      longestText: longestPersonalText,
      sources: "footnotes",
      quickReplies: "numbers",
      receives: ["photo", "voice", "video", "file", "location", "sticker"],
      edits: false,
      deletions: true,
      groups: true,
      typing: false,
      previews: false,
      confirms: false,
    },
    sender: createPuppetSender({ account: () => holding?.account, sendMs: waits.sendMs }),
    start: async () => {
      await ending;
      if (holding !== undefined) return;
      holding = new Holding(open, codes, { ...options, waits });
      holding.start();
    },
    stop: async () => {
      const ended = holding;
      if (ended !== undefined) {
        ending = ended.stop().then(() => {
          health = ended.health;
          holding = undefined;
        });
      }
      await ending;
    },
    health: () => holding?.health ?? health,
    loginCode: () => codes.current,
  };
}

/** The account while this process holds it. */
class Holding {
  readonly #waits: PuppetWaits;
  readonly #handIn: HandIn;
  readonly #arrivals: Arrivals;
  readonly #supervisor: Supervisor;
  #firstLogin: Date | undefined;
  #accepting = true;

  constructor(open: OpenSession, codes: LoginCodes, options: PuppetChannelOptions & { waits: PuppetWaits }) {
    const {
      acceptFriends,
      inbox,
      files,
      keepContent,
      newId,
      longestFile,
      logger,
      now,
      random = Math.random,
      waits,
    } = options;
    this.#waits = waits;
    this.#handIn = new HandIn({
      channel: "wechat",
      inbox,
      files,
      logger,
      now,
      random,
      restMs: waits.storeRestMs,
      mostWaiting,
    });
    this.#arrivals = new Arrivals({
      account: () => this.account,
      firstLogin: () => this.#firstLogin,
      handIn: this.#handIn,
      files,
      keepContent,
      newId,
      longestFile,
      logger,
      now,
      mostWaiting,
      readMs: waits.readMs,
      readAgainMs: waits.readAgainMs,
      fileMs: waits.fileMs,
    });
    this.#supervisor = new Supervisor({
      open,
      logger,
      now,
      random,
      waits,
      onMessage: (id) => {
        if (this.#accepting) this.#arrivals.take(id);
      },
      onFriendship: (id) => {
        const { account } = this;
        if (!this.#accepting || account === undefined) return;
        void handleFriendship(account, id, { accept: acceptFriends, handIn: this.#handIn, logger });
      },
      onLogin: () => {
        this.#firstLogin ??= now();
      },
      onLoginCode: (code) => codes.show(code),
    });
  }

  get account(): WechatAccount | undefined {
    return this.#supervisor.account;
  }

  get health(): ChannelHealth {
    const session = this.#supervisor.health;
    const { failingSince } = this.#handIn;
    if (session.state !== "ready" || failingSince === undefined) return session;
    return {
      state: "degraded",
      reason: "messages cannot be stored and wait in memory",
      since: failingSince.toISOString(),
    };
  }

  start(): void {
    this.#supervisor.start();
  }

  /** Takes nothing more, stores what was received, then lets the account go. */
  async stop(): Promise<void> {
    this.#accepting = false;
    await within(this.#waits.drainMs, this.#arrivals.settle());
    await this.#handIn.close(this.#waits.drainMs);
    await this.#supervisor.stop();
  }
}
