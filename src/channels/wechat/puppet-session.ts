import { AppError } from "../../errors.ts";
import { followCalls } from "./gateway-calls.ts";
import { gatewayAddress, knock } from "./gateway-knock.ts";
import type { OpenSession, PuppetSession, SessionEvents } from "./puppet.ts";
import { gatewayPuppet } from "./verify.ts";

export interface PuppetSettings {
  /** Its npm name. */
  readonly puppet: string;
  readonly puppetToken?: string;
  readonly puppetEndpoint?: string;
}

interface LoadLogger {
  info(details: Readonly<Record<string, unknown>>, message: string): void;
}

type FullPuppet = Awaited<ReturnType<typeof import("wechaty-puppet")["helpers"]["resolvePuppet"]>>;
type Memory = Parameters<FullPuppet["setMemory"]>[0];
type PuppetName = Parameters<typeof import("wechaty-puppet")["helpers"]["resolvePuppet"]>[0]["puppet"];

/**
 * Seconds without a sign of life after which a puppet would begin to restart itself: never, as far as a timer can
 * tell. Its restarts leave listeners behind and do not come back from a gateway that was away; `Supervisor` does it.
 */
const ownWatchdogSeconds = 2_147_483;

/**
 * Loads wechaty and the puppet, and returns how to open sessions of it. The puppet is used without the `Wechaty` class
 * around it: that one loads every member of a room for each message in it.
 *
 * Throws `channel.unavailable` with the line that installs a puppet which is not there.
 */
export async function loadPuppet(settings: PuppetSettings, logger: LoadLogger): Promise<OpenSession> {
  const { helpers, log } = await import("wechaty-puppet");
  // It would write ids and tokens to the terminal; what matters is told by its events. Silent before the rest of
  // wechaty is loaded: where the environment makes it talkative, that would catch what must end this process.
  log.level("silent");
  const { VERSION } = await import("wechaty");
  await importPuppet(settings.puppet);
  logger.info({ wechaty: VERSION, puppet: settings.puppet }, "WeChat is reached through wechaty");
  let memory: Memory | undefined;
  return async (events) => {
    const puppet = await helpers.resolvePuppet({
      puppet: settings.puppet as Exclude<PuppetName, object>,
      puppetOptions: {
        timeoutSeconds: ownWatchdogSeconds,
        ...(settings.puppetToken === undefined ? {} : { token: settings.puppetToken }),
        ...(settings.puppetEndpoint === undefined ? {} : { endpoint: settings.puppetEndpoint }),
      },
    });
    // A puppet that logs in by itself keeps its login there: it must outlive the session.
    if (memory !== undefined) puppet.setMemory(memory);
    memory ??= (puppet as FullPuppet & { readonly memory: Memory }).memory;
    if (settings.puppet !== gatewayPuppet) return sessionOf(puppet, events);
    keepNoCache(puppet);
    const address = gatewayAddress(settings.puppetEndpoint ?? "", settings.puppetToken ?? "");
    return sessionOf(puppet, events, {
      ready: async (signal) => address && knock(address, signal),
      cutOff: followCalls(puppet),
    });
  };
}

async function importPuppet(name: string): Promise<void> {
  try {
    await import(name);
  } catch (cause) {
    const isMissing =
      (cause as { code?: unknown }).code === "ERR_MODULE_NOT_FOUND" && String(cause).includes(`'${name}'`);
    throw new AppError(
      "channel.unavailable",
      isMissing
        ? `The WeChat puppet ${name} is not installed: npm install ${name}`
        : `The WeChat puppet ${name} cannot be loaded.`,
      { cause, details: { puppet: name } },
    );
  }
}

/** With these listeners it would write names and ids of contacts into the home folder, for ever. */
function keepNoCache(puppet: FullPuppet): void {
  puppet.removeAllListeners("login");
  puppet.removeAllListeners("logout");
}

/** What a puppet behind a gateway needs besides. */
interface Gateway {
  ready(signal: AbortSignal): Promise<void>;
  cutOff(): void;
}

function sessionOf(puppet: FullPuppet, events: SessionEvents, gateway?: Gateway): PuppetSession {
  const over = new AbortController();
  const telling = (tell: () => void) => {
    if (over.signal.aborted) return;
    events.heard();
    tell();
  };
  puppet.on("heartbeat", () => telling(() => {}));
  puppet.on("dong", () => telling(() => {}));
  puppet.on("scan", ({ qrcode, status }) => telling(() => events.scan(qrcode ?? "", status)));
  puppet.on("login", ({ contactId }) => telling(() => events.login(contactId)));
  puppet.on("logout", () => telling(() => events.logout()));
  puppet.on("message", ({ messageId }) => telling(() => events.message(messageId)));
  puppet.on("friendship", ({ friendshipId }) => telling(() => events.friendship(friendshipId)));
  // An error event without a listener would end the process: this one stays for good.
  puppet.on("error", ({ gerror, data }) => {
    if (!over.signal.aborted) events.failed(parsedError(gerror ?? data));
  });
  return {
    puppet,
    start: async () => {
      await gateway?.ready(over.signal);
      if (!over.signal.aborted) await puppet.start();
    },
    stop: () => {
      over.abort();
      return puppet.stop();
    },
    cutOff: () => gateway?.cutOff(),
  };
}

function parsedError(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return new Error("a puppet's error");
  }
}
