import type { ChannelHealth, ChannelState } from "../../messaging/channel-health.ts";
import { pause, within } from "../waiting.ts";
import {
  type OpenSession,
  type PuppetSession,
  type SessionEvents,
  scanStates,
  type WechatAccount,
} from "./puppet.ts";
import { isConnectionLost, reasonOf } from "./puppet-error.ts";
import { SessionClocks, type SessionWaits } from "./session-clocks.ts";

/** All in milliseconds. */
export interface SupervisorWaits extends SessionWaits {
  /** How long a session may take to stop. */
  readonly stopMs: number;
  /** Rest before the next session; doubled after each that failed, up to the longest. */
  readonly restMs: number;
  readonly longestRestMs: number;
}

export const supervisorWaits: SupervisorWaits = {
  startMs: 30_000,
  stopMs: 6_000,
  loginMs: 60_000,
  codeMs: 600_000,
  heartbeatMs: 20_000,
  silenceMs: 90_000,
  restMs: 1_000,
  longestRestMs: 60_000,
  settledMs: 60_000,
};

export interface SupervisorParts {
  readonly open: OpenSession;
  readonly onMessage: (id: string) => void;
  readonly onFriendship: (id: string) => void;
  /** Every login of the account. */
  readonly onLogin: () => void;
  /** A code to be scanned, or none any more. */
  readonly onLoginCode: (code: string | undefined) => void;
  readonly logger: {
    info(details: Readonly<Record<string, unknown>>, message: string): void;
    warn(details: Readonly<Record<string, unknown>>, message: string): void;
  };
  readonly now: () => Date;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly waits: SupervisorWaits;
}

const waitingForScan = "waiting for the login code to be scanned";
const waitingForPhone = "waiting for the login to be confirmed on the phone";

/**
 * Keeps one session of the account alive: whatever ends it, a new one is opened after a rest until it is logged in
 * again. wechaty's own client stays silent for good where the gateway is away at the wrong moment, and goes on saying
 * that it is logged in; so only what a session tells while it answers counts here.
 *
 * While a login code waits to be scanned, the session is left alone: a new one would make the code worthless.
 */
export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #stopped = new AbortController();
  #account: WechatAccount | undefined;
  #health: ChannelHealth;
  #running: Promise<void> | undefined;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
    this.#health = { state: "starting", since: parts.now().toISOString() };
  }

  /** The account while it is logged in and answers. */
  get account(): WechatAccount | undefined {
    return this.#account;
  }

  get health(): ChannelHealth {
    return this.#health;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends the session. No timer is left. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    this.#show("down", "stopped");
  }

  async #run(): Promise<void> {
    const { random, logger, waits } = this.#parts;
    for (let failures = 0; !this.#stopped.signal.aborted; ) {
      const { reason, settled } = await this.#session();
      if (this.#stopped.signal.aborted) return;
      failures = settled ? 0 : failures + 1;
      const rest =
        Math.min(waits.restMs * 2 ** Math.min(failures, 16), waits.longestRestMs) * (0.5 + random() / 2);
      this.#show("down", reason);
      logger.warn({ reason, failures, restMs: Math.round(rest) }, "WeChat is away and will be tried again");
      await pause(rest, this.#stopped.signal);
    }
  }

  /** One session from its opening to its end. */
  async #session(): Promise<{ reason: string; settled: boolean }> {
    const { open, waits } = this.#parts;
    const ended = Promise.withResolvers<string>();
    const onStop = () => ended.resolve("stopped");
    this.#stopped.signal.addEventListener("abort", onStop, { once: true });
    const clocks = new SessionClocks(waits, (reason) => ended.resolve(reason));
    let session: PuppetSession | undefined;
    try {
      session = await open(this.#eventsOf(clocks, () => session, ended.resolve));
      clocks.expectStart();
      session.start().then(
        () => clocks.started(() => session?.puppet.ding("alive?")),
        (err: unknown) => ended.resolve(reasonOf(err)),
      );
      return { reason: await ended.promise, settled: clocks.settled };
    } catch (err) {
      return { reason: reasonOf(err), settled: false };
    } finally {
      this.#stopped.signal.removeEventListener("abort", onStop);
      this.#account = undefined;
      this.#parts.onLoginCode(undefined);
      clocks.end();
      await this.#end(session);
    }
  }

  #eventsOf(
    clocks: SessionClocks,
    session: () => PuppetSession | undefined,
    end: (reason: string) => void,
  ): SessionEvents {
    const { logger, onMessage, onFriendship, onLogin, onLoginCode } = this.#parts;
    return {
      heard: () => clocks.heard(),
      scan: (code, status) => {
        this.#account = undefined;
        const isOpen = code !== "" && (status === scanStates.waiting || status === scanStates.timeout);
        clocks.codeShown(isOpen ? code : undefined);
        onLoginCode(isOpen ? code : undefined);
        this.#show("degraded", isOpen ? waitingForScan : waitingForPhone);
      },
      login: (selfId) => {
        const { puppet } = session() ?? {};
        if (puppet === undefined) return;
        this.#account = { puppet, selfId };
        clocks.loggedIn();
        onLoginCode(undefined);
        this.#show("ready");
        logger.info({}, "WeChat is logged in");
        onLogin();
      },
      logout: () => {
        this.#account = undefined;
        clocks.loggedOut();
        this.#show("down", "the account was logged out");
        logger.warn({}, "WeChat logged the account out");
      },
      failed: (error) => {
        if (isConnectionLost(error)) end(reasonOf(error));
        else logger.warn({ reason: reasonOf(error) }, "the WeChat puppet reported an error");
      },
      message: onMessage,
      friendship: onFriendship,
    };
  }

  /** Stops a session; one that does not want to is cut off. */
  async #end(session: PuppetSession | undefined): Promise<void> {
    if (session === undefined) return;
    const end = await within(this.#parts.waits.stopMs, session.stop());
    session.cutOff();
    if (end === "late") this.#parts.logger.warn({}, "a WeChat session did not stop and was cut off");
  }

  /** `since` is kept for as long as the state is, whatever the reason. */
  #show(state: ChannelState, reason?: string): void {
    const since = state === this.#health.state ? this.#health.since : this.#parts.now().toISOString();
    this.#health = { state, since, ...(reason === undefined ? {} : { reason }) };
  }
}
