import type { Readable, Writable } from "node:stream";
import { AppError } from "../../errors.ts";
import type { OpenSession, PuppetSession, SessionEvents } from "./puppet.ts";
import { gatewayPuppet } from "./verify.ts";

export interface PuppetSettings {
  /** Its npm name. */
  readonly puppet: string;
  readonly puppetToken?: string;
  readonly puppetEndpoint?: string;
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
export async function loadPuppet(settings: PuppetSettings): Promise<OpenSession> {
  const { helpers, log } = await import("wechaty-puppet");
  // It would write ids and tokens to the terminal; what matters is told by its events.
  log.level("silent");
  await importPuppet(settings.puppet);
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
    if (settings.puppet === gatewayPuppet) {
      keepNoCache(puppet);
      puppet.on("login", () => guardDownloads(puppet));
    }
    return sessionOf(puppet, events);
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

type Download = (...values: unknown[]) => Readable;

/**
 * The gateway's client pipes the call that fetches a file without listening for its errors: a gateway that dies in the
 * middle would end this process. From here on such an error reaches whoever reads the file.
 */
function guardDownloads(puppet: FullPuppet): void {
  const { client } = (puppet as unknown as { grpcManager: { client: { download: Download } } }).grpcManager;
  if (Object.hasOwn(client, "download")) return;
  const download: Download = client.download.bind(client);
  client.download = (...values) => {
    const call = download(...values);
    const pipe = call.pipe.bind(call);
    call.on("error", () => {});
    return Object.assign(call, {
      pipe: <Target extends Writable>(target: Target) => {
        call.on("error", (err) => target.destroy(err));
        return pipe(target);
      },
    });
  };
}

function sessionOf(puppet: FullPuppet, events: SessionEvents): PuppetSession {
  let over = false;
  const telling = (tell: () => void) => {
    if (over) return;
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
    if (!over) events.failed(parsedError(gerror ?? data));
  });
  return {
    puppet,
    start: () => puppet.start(),
    stop: () => {
      over = true;
      return puppet.stop();
    },
  };
}

function parsedError(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return new Error("a puppet's error");
  }
}
