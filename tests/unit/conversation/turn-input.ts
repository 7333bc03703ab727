import type { Conversation } from "../../../src/messaging/conversation.ts";
import type { Attachment, StoredMessage } from "../../../src/messaging/message.ts";

const at = "2026-11-21T15:30:00.000Z";

const stored = (
  sender: StoredMessage["sender"],
  text: string,
  seq: number,
  more: Partial<StoredMessage>,
): StoredMessage => ({ id: `m${seq}`, conversationId: "c", seq, sender, text, createdAt: at, ...more });

export const contactSaid = (text: string, seq: number, ...attachments: Attachment[]): StoredMessage =>
  stored("contact", text, seq, attachments.length === 0 ? {} : { attachments });

/** What a contact wrote in a row. */
export const burstOf = (texts: readonly string[]): StoredMessage[] =>
  texts.map((text, index) => contactSaid(text, index + 1));

export const saidToContact = (
  text: string,
  seq: number,
  { sender = "bot", ...more }: Partial<StoredMessage> = {},
): StoredMessage => stored(sender, text, seq, more);

export const conversationWith = (details: Partial<Conversation> = {}): Conversation => ({
  id: "c",
  contactId: "p",
  channel: "telegram",
  surface: "private",
  noticeGiven: true,
  handOverRequested: false,
  ...details,
});

export const attached = (
  kind: Attachment["kind"],
  details: Partial<Omit<Attachment, "kind">> = {},
): Attachment => ({ id: "a1", kind, state: "stored", ...details });
