import type { Channel } from "../../../src/channels/channel.ts";
import type { AttachmentKind } from "../../../src/messaging/message.ts";
import type { Site } from "./site.ts";

/** A message as the contact sees it. */
export interface Seen {
  readonly text: string;
  /** Labels of buttons, where there are any. */
  readonly buttons: readonly string[];
  /** Documents that a page lists as sources by itself. */
  readonly sources: readonly string[];
}

/** A message that the contact wrote; what it is means nothing to anybody but its driver. */
export type Written = { readonly handle: string | number };

export interface FileToSend {
  readonly kind: Exclude<AttachmentKind, "location">;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly name: string;
  readonly mimeType: string;
  readonly caption?: string;
  /** Announced instead of the true size. */
  readonly announcedSize?: number;
}

/** What a way in may say at once, instead of taking something. */
export type Taken = { readonly refused?: string };

/**
 * A platform with one contact on it, as the contract suite plays it: what cannot be done on a platform is absent. The
 * platform stays while channels come and go.
 */
export interface ChannelDriver {
  /** A channel of its own for this site; the former one was stopped. */
  connect(site: Site): Promise<Channel>;
  /** Resolves when the platform has it, or said why it does not take it. */
  write(text: string): Promise<Written & Taken>;
  /** The platform delivers a message once more. */
  redeliver?(message: Written): Promise<void>;
  sendFile?(file: FileToSend): Promise<Taken>;
  sendLocation?(location: { latitude: number; longitude: number }): Promise<Taken>;
  edit?(message: Written, text: string): Promise<void>;
  delete?(message: Written): Promise<void>;
  block?(): Promise<void>;
  unblock?(): Promise<void>;
  /** A member of a group writes; `addressed`: to the assistant, in the way of the platform. */
  groupWrite?(text: string, addressed: boolean): Promise<void>;
  groupSeen?(): Promise<readonly string[]>;
  /** Presses a button under the last message. */
  press?(label: string): Promise<void>;
  /** What the contact sees, oldest first. */
  seen(): Promise<readonly Seen[]>;
  /** How often a sign of typing was shown. */
  typingSeen?(): Promise<number>;
  /** Replies that were shown while they were made. */
  previewsSeen?(): Promise<readonly string[]>;
  /** The size of a text in the platform's own units. Default: UTF-16 units. */
  measure?(text: string): number;
  close(): Promise<void>;
}
