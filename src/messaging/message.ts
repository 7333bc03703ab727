import type { GroundedAnswer } from "../answering/grounded-answer.ts";

export const senders = ["contact", "bot", "mediator", "system"] as const;
export type Sender = (typeof senders)[number];

/** What a channel adapter hands over, before it is stored. */
export interface InboundMessage {
  readonly channel: string;
  /** The platform's own id. A message received twice under (conversation, external id) is stored once. */
  readonly externalId: string;
  readonly conversationId: string;
  readonly text: string;
}

/** What a turn says. The answer, where there is one, is stored whole with its citations and provenance. */
export interface OutboundMessage {
  readonly sender: Exclude<Sender, "contact">;
  readonly text: string;
  readonly answer?: GroundedAnswer;
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
  /** For a reply: the contact's message that it answers. */
  readonly replyTo?: string;
  readonly rating?: Rating;
  /** ISO timestamp. */
  readonly createdAt: string;
}
