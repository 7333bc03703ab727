import type { Surface } from "../messaging/conversation.ts";

/** A conversation as other systems see it: nothing in it leads to the contact outside of this service. */
export interface ConversationSummary {
  readonly id: string;
  readonly channel: string;
  readonly surface: Surface;
  /** The code of the door through which the contact came. */
  readonly origin?: string;
  /** Whether a person was asked for. */
  readonly handOverRequested: boolean;
  /** False where nothing can be sent to the contact at the moment, such as after a block. */
  readonly reachable: boolean;
  /** The `seq` of the last message; 0 where there is none. */
  readonly lastSeq: number;
  /** ISO timestamps; `updatedAt` is that of the last message. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Where a page of the list ended. `createdAt` is the database's own text, exact to the microsecond. */
export interface ConversationCursor {
  readonly createdAt: string;
  readonly id: string;
}

export interface ConversationQuery {
  readonly channel?: string;
  readonly origin?: string;
  /** Only conversations that began or got a message since then. */
  readonly updatedSince?: Date;
  readonly after?: ConversationCursor;
  readonly limit: number;
}

/** Implemented in `storage/`. */
export interface ConversationList {
  /** In the order in which they began; `next` where there are more. */
  page(query: ConversationQuery): Promise<{
    readonly conversations: ConversationSummary[];
    readonly next?: ConversationCursor;
  }>;
  find(id: string): Promise<ConversationSummary | undefined>;
}
