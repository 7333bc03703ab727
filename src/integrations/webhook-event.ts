/** What other systems may be told of. `case.*` joins them with the cases. */
export const webhookEventTypes = [
  "conversation.opened",
  "conversation.message_received",
  "conversation.replied",
  "conversation.hand_over_requested",
  "conversation.forgotten",
] as const;

export type WebhookEventType = (typeof webhookEventTypes)[number];

/**
 * What an event says: ids and codes. Never text, names or ids of a platform: whoever may read those fetches them
 * with an API key. Channel, origin and the message's `seq` are added where the event is stored.
 */
export interface WebhookEventBody {
  readonly conversationId: string;
  readonly channel?: string;
  /** The message that it is about. */
  readonly messageId?: string;
  /** Who said that message. */
  readonly sender?: string;
}
