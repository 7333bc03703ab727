import { cleanCaption } from "../../../messaging/clean-text.ts";
import type { InboundAttachment } from "../../../messaging/message.ts";
import type { PlatformAddress, PlatformEvent } from "../../../messaging/platform-event.ts";
import { withinLimit } from "../message-text.ts";

/** What WeChat posted, by element name. */
export type PostedFields = ReadonlyMap<string, string>;

/** A follower is named by an id that is theirs for this account only. */
export function addressOf(openId: string): PlatformAddress {
  return { key: openId, surface: "private", data: { openId } };
}

/** What a post means here; undefined where nothing is to be done. */
export function toPlatformEvent(fields: PostedFields): PlatformEvent | undefined {
  const openId = fields.get("FromUserName") ?? "";
  if (!/^[\w-]{1,128}$/.test(openId)) return undefined;
  const address = addressOf(openId);
  if (fields.get("MsgType") === "event") return eventOf(fields, address);
  const externalId = fields.get("MsgId") ?? "";
  if (!/^\d{1,32}$/.test(externalId)) return undefined;
  const content = contentOf(fields);
  if (content === undefined) return undefined;
  const text = cleanCaption(withinLimit(content.text ?? ""));
  if (text === "" && content.attachment === undefined) return undefined;
  const attachments = content.attachment === undefined ? {} : { attachments: [content.attachment] };
  return { type: "message", address, externalId, text, ...attachments };
}

function contentOf(fields: PostedFields): { text?: string; attachment?: InboundAttachment } | undefined {
  const reference = fields.get("MediaId") ?? "";
  switch (fields.get("MsgType")) {
    case "text":
      return { text: fields.get("Content") ?? "" };
    case "image":
      return { attachment: fileOf("photo", reference) };
    case "voice": {
      const format = fields.get("Format") ?? "";
      const mimeType = /^[a-z0-9]{1,16}$/i.test(format) ? { mimeType: `audio/${format.toLowerCase()}` } : {};
      return { attachment: { ...fileOf("voice", reference), ...mimeType } };
    }
    case "video":
    case "shortvideo":
      return { attachment: fileOf("video", reference) };
    case "location":
      return { attachment: locationOf(fields) };
    case "link":
      return { text: `[链接] ${fields.get("Title") ?? ""}`.slice(0, 500) };
    default:
      return undefined;
  }
}

function fileOf(kind: "photo" | "voice" | "video", reference: string): InboundAttachment {
  return isMediaId(reference) ? { kind, reference } : { kind, refused: "gone" };
}

export function isMediaId(reference: string): boolean {
  return /^[\w-]{1,256}$/.test(reference);
}

function locationOf(fields: PostedFields): InboundAttachment {
  const [latitude, longitude] = [Number(fields.get("Location_X")), Number(fields.get("Location_Y"))];
  if (!(Math.abs(latitude) <= 90) || !(Math.abs(longitude) <= 180)) {
    return { kind: "location", refused: "unreadable" };
  }
  const name = cleanCaption((fields.get("Label") ?? "").slice(0, 200));
  return { kind: "location", location: { latitude, longitude, ...(name === "" ? {} : { name }) } };
}

/**
 * Following the account and scanning a door's code are first words, as `/start` is elsewhere; a menu's key is what
 * was said. Leaving blocks.
 */
function eventOf(fields: PostedFields, address: PlatformAddress): PlatformEvent | undefined {
  const name = fields.get("Event") ?? "";
  const key = fields.get("EventKey") ?? "";
  const externalId = `${name}:${fields.get("CreateTime") ?? ""}:${key}`.slice(0, 200);
  switch (name) {
    case "subscribe":
    case "SCAN": {
      const door = /^(?:qrscene_)?([\w-]{1,64})$/.exec(key)?.[1];
      const origin = door === undefined ? {} : { origin: door };
      return { type: "message", address, externalId, text: "/start", ...origin };
    }
    case "unsubscribe":
      return { type: "blocked", address };
    case "CLICK": {
      const text = cleanCaption(key.slice(0, 128));
      return text === "" ? undefined : { type: "message", address, externalId, text };
    }
    default:
      return undefined;
  }
}
