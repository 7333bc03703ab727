import type { Surface } from "./conversation.ts";
import type { InboundAttachment } from "./message.ts";

/** How a platform names a contact, and what its channel needs to reach them. It is stored sealed, in one table. */
export interface PlatformAddress {
  /**
   * Unique within the channel and stable. In a group it names group and member, so that two members are never
   * taken for one contact.
   */
  readonly key: string;
  readonly surface: Surface;
  /** What the channel's sender needs, such as a chat id: a small JSON value that only the channel understands. */
  readonly data: Readonly<Record<string, string | number | boolean>>;
}

/** What a platform tells, in the words of messaging. */
export type PlatformEvent =
  | {
      readonly type: "message";
      readonly address: PlatformAddress;
      /** The platform's id of the message, unique within the address. */
      readonly externalId: string;
      readonly text: string;
      readonly attachments?: readonly InboundAttachment[];
      /** The code of the door through which the contact came, with their first message. */
      readonly origin?: string;
    }
  /** A message was changed by its author. Unanswered, it is replaced; answered, the change is a new message. */
  | {
      readonly type: "edited";
      readonly address: PlatformAddress;
      readonly externalId: string;
      /** Unique for this change of the message. */
      readonly editId: string;
      readonly text: string;
    }
  /** A message was taken back: its text and files go; unanswered, it is not answered. */
  | { readonly type: "deleted"; readonly address: PlatformAddress; readonly externalId: string }
  /** The contact blocked the account: what waits for them is dropped with this reason. */
  | { readonly type: "blocked"; readonly address: PlatformAddress }
  | { readonly type: "unblocked"; readonly address: PlatformAddress };
