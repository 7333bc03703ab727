import type { GroundedAnswer } from "../answering/grounded-answer.ts";

export const senders = ["contact", "bot", "mediator", "system"] as const;
export type Sender = (typeof senders)[number];

export const attachmentKinds = ["photo", "voice", "video", "file", "location", "sticker"] as const;
export type AttachmentKind = (typeof attachmentKinds)[number];

/**
 * `announced`: the platform told of it, its bytes are still there. `stored`: kept, with its hash. `refused`: it is
 * too large, harmful or gone; `reason` says which.
 */
export const attachmentStates = ["announced", "stored", "refused"] as const;
export type AttachmentState = (typeof attachmentStates)[number];

export interface Location {
  readonly latitude: number;
  readonly longitude: number;
  readonly name?: string;
}

/** What a contact sent beside text, as a channel adapter hands it over. */
export interface InboundAttachment {
  readonly kind: AttachmentKind;
  readonly name?: string;
  readonly mimeType?: string;
  /** Bytes, as the platform announces them. */
  readonly size?: number;
  /** Where the channel that received it finds the bytes later; means nothing to anybody else. */
  readonly reference?: string;
  readonly location?: Location;
  /** Set where the bytes are kept already: the id of the stored file, its SHA-256 in hex, and its size. */
  readonly stored?: { readonly id: string; readonly hash: string; readonly size: number };
  /** Set where the channel already knows that it cannot be kept. */
  readonly refused?: string;
}

/** An attachment of a stored message. */
export interface Attachment {
  /** Also the name of its file in the file store. */
  readonly id: string;
  readonly kind: AttachmentKind;
  readonly state: AttachmentState;
  readonly reason?: string;
  readonly name?: string;
  readonly mimeType?: string;
  /** Bytes: as announced, then as kept. */
  readonly size?: number;
  /** SHA-256 of the bytes in hex. */
  readonly hash?: string;
  readonly reference?: string;
  readonly location?: Location;
  /** What a voice says or a picture shows, once it was read. */
  readonly text?: string;
}

/** What a channel hands over for a conversation that it knows, before it is stored. */
export interface InboundMessage {
  readonly channel: string;
  /**
   * The platform's own id. A message received twice under (conversation, external id) is stored once; a
   * conversation belongs to one channel.
   */
  readonly externalId: string;
  readonly conversationId: string;
  readonly text: string;
  readonly attachments?: readonly InboundAttachment[];
}

/** What a turn says. The answer, where there is one, is stored whole with its citations and provenance. */
export interface OutboundMessage {
  readonly sender: Exclude<Sender, "contact">;
  readonly text: string;
  readonly answer?: GroundedAnswer;
  /** Texts that the contact may send back as they are: buttons, or numbers where a platform has none. */
  readonly quickReplies?: readonly string[];
}

export const ratings = ["up", "down"] as const;
export type Rating = (typeof ratings)[number];

/** A message of a conversation as stored. */
export interface StoredMessage {
  readonly id: string;
  readonly conversationId: string;
  /** Grows with every message of the service; the cursor for "what came after". */
  readonly seq: number;
  readonly sender: Sender;
  readonly text: string;
  readonly answer?: GroundedAnswer;
  readonly quickReplies?: readonly string[];
  readonly attachments?: readonly Attachment[];
  /** For a reply: the contact's message that it answers, the last one of a burst. */
  readonly replyTo?: string;
  readonly rating?: Rating;
  /** ISO timestamp. */
  readonly createdAt: string;
}
