import { cleanCaption } from "../../messaging/clean-text.ts";
import type { AttachmentKind, InboundAttachment, Location } from "../../messaging/message.ts";
import type { PlatformAddress, PlatformEvent } from "../../messaging/platform-event.ts";
import type { KeepFileParts } from "./keep-file.ts";
import { keepFile } from "./keep-file.ts";
import { cutMentions, joinQuote, mentions, splitQuote, withinLimit } from "./message-text.ts";
import { messageTypes, type Puppet, type WechatAccount } from "./puppet.ts";

/** What the puppet tells of a message. */
export type WechatMessage = Awaited<ReturnType<Puppet["messagePayload"]>>;

export interface ReceiveParts extends KeepFileParts {
  readonly now: () => Date;
  /** When this process logged in for the first time. */
  readonly firstLogin: () => Date | undefined;
}

/** Messages older than this are left alone, whatever was before. */
const oldestMs = 24 * 3_600_000;
/** A phone that logs in hands over what was written before; only the last of it was meant for this service. */
const beforeLoginMs = 10 * 60_000;

/** Characters of a text that are looked at; what is kept is far shorter. */
const longestRead = 20_000;

/** WeChat's own accounts, and those of companies that push articles: an answer to them would never end. */
const systemAccounts =
  /^(?:gh_|weixin$|fmessage$|medianote$|floatbottle$|newsapp$|filehelper$|notifymessage$|notification_messages$|weixinguanhaozhushou$|qqmail$|brandsessionholder$)/;

/** What WeChat itself writes into a conversation whose other end has ended it. */
const refusedByContact =
  /开启了(?:朋友|好友)验证|被对方拒收|not your WeChat friend|rejected by the re(?:ceiver|cipient)/i;

/** Who wrote, and where an answer goes. */
export function addressOf(talkerId: string, roomId?: string): PlatformAddress {
  return roomId === undefined || roomId === ""
    ? { key: talkerId, surface: "private", data: { contactId: talkerId } }
    : { key: `${roomId}:${talkerId}`, surface: "group", data: { roomId, contactId: talkerId } };
}

/** Whether a message may be for this service at all: from a person, not from itself, not from long ago. */
export function isForUs(message: WechatMessage, selfId: string, { now, firstLogin }: ReceiveParts): boolean {
  if (!message.talkerId || message.talkerId === selfId || systemAccounts.test(message.talkerId)) return false;
  const sentAt = millisecondsOf(message.timestamp);
  if (sentAt === undefined) return true;
  const login = firstLogin()?.getTime();
  return sentAt > now().getTime() - oldestMs && (login === undefined || sentAt > login - beforeLoginMs);
}

/** wechaty gives seconds or milliseconds, and some puppets nothing. */
function millisecondsOf(timestamp: number | undefined): number | undefined {
  if (timestamp === undefined || !(timestamp > 0)) return undefined;
  return timestamp < 1e11 ? timestamp * 1_000 : timestamp;
}

/** What a message means here; undefined where it is not for this service or nothing is to be done. */
export async function toPlatformEvent(
  account: WechatAccount,
  message: WechatMessage,
  parts: ReceiveParts,
): Promise<PlatformEvent | undefined> {
  const address = addressOf(message.talkerId, message.roomId);
  const text = (message.text ?? "").slice(0, longestRead);
  if (message.type === messageTypes.recalled) {
    return text === "" ? undefined : { type: "deleted", address, externalId: text };
  }
  if (message.type === messageTypes.unknown) {
    return address.surface === "private" && refusedByContact.test(text)
      ? { type: "blocked", address }
      : undefined;
  }
  const content =
    address.surface === "group"
      ? await groupContent(account, message, text)
      : await privateContent(account.puppet, message, text, parts);
  if (content === undefined) return undefined;
  const cleaned = cleanCaption(withinLimit(content.text ?? ""));
  const attachments = content.attachment === undefined ? [] : [content.attachment];
  if (cleaned === "" && attachments.length === 0) return undefined;
  return {
    type: "message",
    address,
    externalId: message.id,
    text: cleaned,
    ...(attachments.length === 0 ? {} : { attachments }),
  };
}

interface Content {
  readonly text?: string;
  readonly attachment?: InboundAttachment;
}

/** In a room only a text that mentions the account; never asks for more than the account's own entry in the room. */
async function groupContent(
  account: WechatAccount,
  message: WechatMessage,
  text: string,
): Promise<Content | undefined> {
  if (message.type !== messageTypes.text || message.roomId === undefined) return undefined;
  // What stands in a quote was not said to anybody here.
  const { said, ...quote } = splitQuote(text);
  const mentionIds = "mentionIdList" in message ? (message.mentionIdList ?? []) : [];
  const isMentioned = mentionIds.includes(account.selfId);
  if (!isMentioned && !said.includes("@")) return undefined;
  const names = await ownNames(account, message.roomId);
  // A call to everybody mentions every member and means nobody.
  const toAll = /@(?:所有人|all\b)/iu.test(said);
  if (!mentions(said, names) && (toAll || !isMentioned)) return undefined;
  // Called by name and nothing else: the command says what there is to ask.
  return { text: joinQuote({ said: cutMentions(said, names), ...quote }) || "/help" };
}

async function ownNames({ puppet, selfId }: WechatAccount, roomId: string): Promise<string[]> {
  const [member, contact] = await Promise.all([
    puppet.roomMemberPayload(roomId, selfId).catch(() => undefined),
    puppet.contactPayload(selfId).catch(() => undefined),
  ]);
  return [...new Set([member?.roomAlias, member?.name, contact?.name].filter((name) => name !== undefined))];
}

const fileKinds: Partial<Record<number, AttachmentKind>> = {
  [messageTypes.image]: "photo",
  [messageTypes.audio]: "voice",
  [messageTypes.video]: "video",
  [messageTypes.attachment]: "file",
  [messageTypes.emoticon]: "sticker",
};

/** Whether its content is a file that must be fetched. */
export function hasFile(message: WechatMessage): boolean {
  return fileKinds[message.type] !== undefined;
}

async function privateContent(
  puppet: Puppet,
  message: WechatMessage,
  text: string,
  parts: ReceiveParts,
): Promise<Content | undefined> {
  const kind = fileKinds[message.type];
  if (kind !== undefined) {
    const kept = await keepFile(kind, () => puppet.messageFile(message.id), parts);
    return { attachment: { kind, ...withVoiceType(kind, kept) } };
  }
  switch (message.type) {
    case messageTypes.text:
      return { text: joinQuote(splitQuote(text)) };
    case messageTypes.location:
      return { attachment: { kind: "location", ...(await locationOf(puppet, message.id)) } };
    case messageTypes.url:
      return { text: titled("链接", (await puppet.messageUrl(message.id).catch(() => undefined))?.title) };
    case messageTypes.miniProgram:
      return {
        text: titled("小程序", (await puppet.messageMiniProgram(message.id).catch(() => undefined))?.title),
      };
    case messageTypes.contact:
      return { text: titled("名片", await cardName(puppet, message.id)) };
    case messageTypes.chatHistory:
      return { text: titled("聊天记录") };
    case messageTypes.transfer:
      return { text: titled("转账") };
    case messageTypes.redEnvelope:
      return { text: titled("红包") };
    default:
      return undefined;
  }
}

/** WeChat's voices come as Silk, which no table of file types knows. */
function withVoiceType(
  kind: AttachmentKind,
  kept: Omit<InboundAttachment, "kind">,
): Omit<InboundAttachment, "kind"> {
  return kind === "voice" && kept.mimeType === undefined && /\.(?:sil|silk|slk)$/i.test(kept.name ?? "")
    ? { ...kept, mimeType: "audio/silk" }
    : kept;
}

/** `[链接] title`: what is not a text and not a file is told of in words. */
function titled(what: string, title: string | undefined = undefined): string {
  const words = title?.replace(/\s+/g, " ").trim().slice(0, 500) ?? "";
  return words === "" ? `[${what}]` : `[${what}] ${words}`;
}

async function cardName(puppet: Puppet, messageId: string): Promise<string | undefined> {
  try {
    return (await puppet.contactPayload(await puppet.messageContact(messageId))).name;
  } catch {
    return undefined;
  }
}

async function locationOf(
  puppet: Puppet,
  messageId: string,
): Promise<{ location: Location } | { refused: string }> {
  const place = await puppet.messageLocation(messageId).catch(() => undefined);
  if (place === undefined) return { refused: "gone" };
  const { latitude, longitude, name } = fromMessage(place) ?? place;
  if (!isDegrees(latitude, 90) || !isDegrees(longitude, 180) || (latitude === 0 && longitude === 0)) {
    return { refused: "unreadable" };
  }
  return { location: { latitude, longitude, ...(typeof name === "string" && name !== "" ? { name } : {}) } };
}

/**
 * `wechaty-puppet-service` 1.19 spreads the protocol's message over a payload of zeros: the fields (accuracy, address,
 * latitude, longitude, name) stand in a list, under a name that differs from build to build.
 */
function fromMessage(place: object): { latitude: unknown; longitude: unknown; name: unknown } | undefined {
  const fields = Object.values(place).find((value) => Array.isArray(value)) as unknown[] | undefined;
  return fields && { latitude: fields[2], longitude: fields[3], name: fields[4] ?? fields[1] };
}

function isDegrees(value: unknown, most: number): value is number {
  return typeof value === "number" && Number.isFinite(value) && Math.abs(value) <= most;
}
