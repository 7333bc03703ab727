import type { Message, PhotoSize } from "grammy/types";
import type { AttachmentKind, InboundAttachment } from "../../messaging/message.ts";
import type { RefusalReason } from "../../messaging/refusal-reason.ts";

/** What all of Telegram's files have. */
interface TelegramFile {
  readonly file_id: string;
  readonly file_size?: number;
  readonly mime_type?: string;
  readonly file_name?: string;
}

/**
 * What a message holds beside its text; undefined where it holds nothing that a person sent, such as the note that a
 * member came. A photo comes in several sizes: the largest is taken. An animation also looks like a document, a venue
 * like a location: the order matters.
 */
export function readAttachments(message: Message): InboundAttachment[] | undefined {
  const { photo, voice, audio, video, video_note, animation, document, sticker, venue, location } = message;
  const pictures = photo ?? message.live_photo?.photo;
  if (pictures !== undefined) return [file("photo", largest(pictures), "image/jpeg")];
  if (voice !== undefined) return [file("voice", voice, "audio/ogg")];
  if (audio !== undefined) return [file("voice", audio)];
  const moving = video ?? video_note ?? animation;
  if (moving !== undefined) return [file("video", moving, "video/mp4")];
  if (document !== undefined) return [file("file", document)];
  if (sticker !== undefined) {
    const type = sticker.is_video
      ? "video/webm"
      : sticker.is_animated
        ? "application/x-tgsticker"
        : "image/webp";
    return [
      { ...file("sticker", sticker, type), ...(sticker.emoji === undefined ? {} : { name: sticker.emoji }) },
    ];
  }
  const place = venue?.location ?? location;
  if (place !== undefined) {
    const { latitude, longitude } = place;
    const name = venue === undefined ? undefined : [venue.title, venue.address].filter(Boolean).join("，");
    return [{ kind: "location", location: { latitude, longitude, ...(name === undefined ? {} : { name }) } }];
  }
  if (message.text !== undefined) return [];
  return unreadable.some((content) => message[content] !== undefined) ? [unsupported] : undefined;
}

const unsupported: InboundAttachment = { kind: "file", refused: "unsupported" satisfies RefusalReason };

function file(kind: AttachmentKind, from: TelegramFile | undefined, usualType?: string): InboundAttachment {
  if (from === undefined || typeof from.file_id !== "string") return { ...unsupported, kind };
  const mimeType = from.mime_type ?? usualType;
  return {
    kind,
    reference: from.file_id,
    ...(from.file_name === undefined ? {} : { name: from.file_name }),
    ...(mimeType === undefined ? {} : { mimeType }),
    ...(from.file_size === undefined ? {} : { size: from.file_size }),
  };
}

function largest(sizes: readonly PhotoSize[]): PhotoSize | undefined {
  return sizes.toSorted((left, right) => right.width * right.height - left.width * left.height)[0];
}

/** Content that people send and that nobody here can read: it gets a polite line. */
const unreadable: readonly (keyof Message)[] = [
  "contact",
  "dice",
  "game",
  "poll",
  "story",
  "paid_media",
  "checklist",
  "rich_message",
  "invoice",
  "giveaway",
];
