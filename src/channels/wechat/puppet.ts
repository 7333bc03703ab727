import type { types } from "wechaty";
import type { impls } from "wechaty-puppet";

/** What this channel uses of a puppet, wechaty's view of one WeChat account. */
export type Puppet = Pick<
  impls.PuppetInterface,
  | "contactPayload"
  | "ding"
  | "friendshipAccept"
  | "friendshipPayload"
  | "messageContact"
  | "messageFile"
  | "messageLocation"
  | "messageMiniProgram"
  | "messagePayload"
  | "messageSendText"
  | "messageUrl"
  | "roomMemberPayload"
>;

/** wechaty's kinds of messages; written down here because wechaty is only loaded where it is configured. */
export const messageTypes = {
  unknown: 0,
  attachment: 1,
  audio: 2,
  contact: 3,
  chatHistory: 4,
  emoticon: 5,
  image: 6,
  text: 7,
  location: 8,
  miniProgram: 9,
  groupNote: 10,
  transfer: 11,
  redEnvelope: 12,
  recalled: 13,
  url: 14,
  video: 15,
  post: 16,
} as const satisfies Record<string, types.Message>;

export const friendshipTypes = { confirm: 1, receive: 2 } as const satisfies Record<string, types.Friendship>;

export const scanStates = {
  cancel: 1,
  waiting: 2,
  scanned: 3,
  confirmed: 4,
  timeout: 5,
} as const satisfies Record<string, types.ScanStatus>;

/** A logged-in account that messages can be read from and sent through. */
export interface WechatAccount {
  readonly puppet: Puppet;
  /** The account's own contact id. */
  readonly selfId: string;
}

/** What a session tells while it lives. */
export interface SessionEvents {
  /** Any sign of life. */
  heard(): void;
  scan(code: string, status: number): void;
  login(selfId: string): void;
  logout(): void;
  failed(error: unknown): void;
  message(id: string): void;
  friendship(id: string): void;
}

/** One connection to WeChat, from its start to its end; it is not started twice. */
export interface PuppetSession {
  readonly puppet: Puppet;
  /** Rejects where WeChat or its gateway cannot be reached. */
  start(): Promise<void>;
  /** Tells nothing any more from now on. May take as long as the puppet wants. */
  stop(): Promise<void>;
  /** Lets go of what it still waits for at its gateway, stopped or not. */
  cutOff(): void;
}

export type OpenSession = (events: SessionEvents) => Promise<PuppetSession>;
