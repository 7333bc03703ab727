/**
 * A WeChat gateway of its own: `PuppetServer` around a puppet that makes everything up, driven over IPC. Run by
 * `gateway.ts`, so that it can be killed.
 */
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { FileBox, type FileBoxInterface, UniformResourceNameRegistry } from "file-box";
import type { payloads, types } from "wechaty";
import { log } from "wechaty-puppet";
import { PuppetMock } from "wechaty-puppet-mock";
import { PuppetServer } from "wechaty-puppet-service";

/** What the puppet does with a text that it is to send. */
export type SendMode = "ok" | "hang" | "die" | { readonly error: string };

export interface GatewayFile {
  readonly name: string;
  readonly base64: string;
  /** Bytes that are announced instead of the true number. */
  readonly announced?: number;
  /** The gateway dies while it is fetched. */
  readonly dies?: true;
}

export interface GatewayCommands {
  /** Starts listening. */
  listen(options: { port: number; token: string; login: "at start" | "by scan" | "never" }): void;
  /** A contact or a room that exists; again: more members. */
  contact(contact: { id: string; name: string }): void;
  room(room: { id: string; memberIds: string[]; aliases?: Record<string, string> }): void;
  /** A message comes in. `file` is in base64. */
  message(message: Partial<payloads.Message> & { id: string; file?: GatewayFile | "hang" }): void;
  /** Tells of a message once more. */
  replay(id: string): void;
  friendRequest(request: { id: string; contactId: string; type: number }): void;
  place(place: { id: string; latitude: number; longitude: number; name: string }): void;
  title(title: { id: string; title: string }): void;
  scan(code: string): void;
  login(): void;
  logout(): void;
  /** From now on nothing is said any more, though the connection stands. */
  fallSilent(): void;
  sendMode(mode: SendMode): void;
  /** What happened since the start. */
  report(): GatewayReport;
}

export interface GatewayReport {
  readonly sent: { readonly to: string; readonly text: string; readonly mentions: readonly string[] }[];
  readonly accepted: readonly string[];
  /** How often what was asked for, by method. */
  readonly asked: Readonly<Record<string, number>>;
  readonly starts: number;
}

const selfId = "self";
const asked: Record<string, number> = {};
const sent: { to: string; text: string; mentions: string[] }[] = [];
const accepted: string[] = [];
const messages = new Map<string, payloads.Message>();
const files = new Map<string, GatewayFile | "hang">();
const friendships = new Map<string, { id: string; contactId: string; type: number }>();
const places = new Map<string, payloads.Location>();
const titles = new Map<string, string>();
const aliases = new Map<string, string>();
let sendMode: SendMode = "ok";
let loginMode: "at start" | "by scan" | "never" = "at start";
let silent = false;
let starts = 0;

function count(method: string): void {
  asked[method] = (asked[method] ?? 0) + 1;
}

const never = <Value>() => new Promise<Value>(() => {});

/** The next file breaks off after its first bytes, and so does the process. */
function dieInTheMiddle(): void {
  UniformResourceNameRegistry.prototype.load = async () =>
    Readable.from(
      (async function* () {
        yield Buffer.alloc(1_000);
        await sleep(50);
        process.kill(process.pid, "SIGKILL");
        await never();
      })(),
    );
}

class TestPuppet extends PuppetMock {
  override async onStart(): Promise<void> {
    await super.onStart();
    starts += 1;
    if (loginMode === "at start") setImmediate(() => this.isLoggedIn || this.login(selfId));
    if (loginMode === "by scan")
      setImmediate(() => this.emit("scan", { qrcode: `code-${starts}`, status: 2 }));
  }

  override ding(data?: string): void {
    if (!silent) this.emit("dong", { data: data ?? "" });
  }

  override async messageRawPayload(id: string): Promise<payloads.Message> {
    count("messagePayload");
    const message = messages.get(id);
    if (message === undefined) throw new Error("there is no such message");
    return message;
  }

  override async messageFile(id: string): Promise<FileBoxInterface> {
    count("messageFile");
    const file = files.get(id);
    if (file === "hang") return never();
    if (file === undefined) throw new Error("there is no such file");
    const box = FileBox.fromBase64(file.base64, file.name);
    if (file.dies) dieInTheMiddle();
    if (file.announced !== undefined) Reflect.set(box, "_size", file.announced);
    return box;
  }

  override async messageLocation(id: string): Promise<payloads.Location> {
    const place = places.get(id);
    if (place === undefined) throw new Error("there is no such place");
    return place;
  }

  override async messageUrl(id: string): Promise<payloads.UrlLink> {
    return { title: titles.get(id) ?? "", url: "https://example.cn/" };
  }

  override async messageMiniProgram(id: string): Promise<payloads.MiniProgram> {
    return { title: titles.get(id) ?? "" };
  }

  override async messageContact(): Promise<string> {
    return selfId;
  }

  override async contactRawPayload(id: string): Promise<payloads.Contact> {
    count("contactPayload");
    return this.mocker.contactPayload(id);
  }

  override async roomMemberRawPayload(roomId: string, contactId: string): Promise<payloads.RoomMember> {
    count("roomMemberPayload");
    const contact = this.mocker.contactPayload(contactId);
    const roomAlias = aliases.get(`${roomId} ${contactId}`) ?? "";
    return { id: contactId, name: contact.name, avatar: "", roomAlias };
  }

  override async friendshipRawPayload(id: string): Promise<unknown> {
    return friendships.get(id);
  }

  override async friendshipAccept(id: string): Promise<void> {
    accepted.push(id);
  }

  override async messageSendText(to: string, text: string, mentions: string[] = []): Promise<void> {
    if (!this.isLoggedIn) throw new Error("not logged in");
    if (typeof sendMode === "object") throw new Error(sendMode.error);
    sent.push({ to, text, mentions });
    if (sendMode === "hang") return never();
    if (sendMode === "die") process.kill(process.pid, "SIGKILL");
  }
}

log.level("silent");
const puppet = new TestPuppet();
// The mock gives no sign of life of its own and would be started anew every minute.
setInterval(() => {
  if (!silent) puppet.emit("heartbeat", { data: "alive" });
}, 10_000);

const commands: {
  [Name in keyof GatewayCommands]: (argument: Parameters<GatewayCommands[Name]>[0]) => unknown;
} = {
  listen: async (options) => {
    if (options === undefined) return;
    loginMode = options.login;
    puppet.mocker.createContact({ id: selfId, name: "娘家人" });
    await new PuppetServer({ endpoint: `127.0.0.1:${options.port}`, puppet, token: options.token }).start();
  },
  contact: (contact) => {
    if (contact === undefined || puppet.mocker.cacheContactPayload.has(contact.id)) return;
    puppet.mocker.createContact(contact);
  },
  room: (room) => {
    if (room === undefined) return;
    const known = puppet.mocker.cacheRoomPayload.get(room.id);
    if (known === undefined) puppet.mocker.createRoom({ id: room.id, memberIdList: room.memberIds });
    else known.memberIdList.push(...room.memberIds.filter((id) => !known.memberIdList.includes(id)));
    for (const [id, alias] of Object.entries(room.aliases ?? {})) aliases.set(`${room.id} ${id}`, alias);
  },
  message: (message) => {
    if (message === undefined) return;
    const { file, ...payload } = message;
    if (file !== undefined) files.set(message.id, file);
    const base = { type: 7 as types.Message, timestamp: Date.now(), talkerId: "worker", listenerId: selfId };
    messages.set(message.id, { ...base, ...payload } as payloads.Message);
    puppet.emit("message", { messageId: message.id });
  },
  replay: (id) => puppet.emit("message", { messageId: id ?? "" }),
  friendRequest: (request) => {
    if (request === undefined) return;
    friendships.set(request.id, request);
    puppet.emit("friendship", { friendshipId: request.id });
  },
  place: (place) => {
    if (place !== undefined) places.set(place.id, { accuracy: 1, address: "", ...place });
  },
  title: (title) => {
    if (title !== undefined) titles.set(title.id, title.title);
  },
  scan: (code) => puppet.emit("scan", { qrcode: code ?? "", status: 2 }),
  login: () => puppet.login(selfId),
  logout: () => puppet.logout("logged out on the phone"),
  fallSilent: () => {
    silent = true;
  },
  sendMode: (mode) => {
    sendMode = mode ?? "ok";
  },
  report: (): GatewayReport => ({ sent, accepted, asked, starts }),
};

process.on(
  "message",
  async ({ id, name, argument }: { id: number; name: keyof GatewayCommands; argument: never }) => {
    try {
      process.send?.({ id, result: await commands[name](argument) });
    } catch (err) {
      process.send?.({ id, error: String(err) });
    }
  },
);
process.on("disconnect", () => process.exit());
process.send?.({ ready: true });
