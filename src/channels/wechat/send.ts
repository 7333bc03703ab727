import type { ChannelSender, OutgoingPart, SendOutcome } from "../../messaging/delivery.ts";
import type { StoredMessage } from "../../messaging/message.ts";
import { plainMessage } from "../../messaging/plain-message.ts";
import type { PlatformAddress } from "../../messaging/platform-event.ts";
import { splitText } from "../../messaging/split-text.ts";
import { inTime } from "./in-time.ts";
import type { WechatAccount } from "./puppet.ts";
import { isContactGone, isLoggedOut, isUnsent, reasonOf } from "./puppet-error.ts";
import { asMediator, longestMarks, withMarks } from "./texts.ts";

/** Bytes in UTF-8: what WeChat counts. A Chinese character has three. */
export const bytesOf = (text: string): number => Buffer.byteLength(text);

/** Longest text of a personal account's message, in bytes: two screens of a phone. */
export const longestPersonalText = 3_600;

export interface SenderParts {
  /** The account while it is logged in and answers. */
  readonly account: () => WechatAccount | undefined;
  /** Milliseconds after which it is open whether a message went out. */
  readonly sendMs: number;
}

/** Texts with their sources as footnotes and choices by number, in parts that the platform takes. */
export function partsOf(message: StoredMessage, longest: number): OutgoingPart[] {
  // Half a character, as a language model may leave one, has no bytes.
  const text = plainMessage(message).toWellFormed();
  const said = message.sender === "mediator" ? asMediator(text) : text;
  const parts = splitText(said, longest, bytesOf).map((part) => ({ text: part }));
  // A message without a part would never be sent.
  return parts.length === 0 ? [{ text: "…" }] : parts;
}

/** Sends through the account, with one call a part. */
export function createPuppetSender({ account, sendMs }: SenderParts): ChannelSender {
  return {
    channel: "wechat",
    // WeChat closes accounts that write faster than a person could.
    limits: { perSecond: 5, perContactPerSecond: 1, perGroupPerMinute: 20 },
    limitKey: ({ key, data: { roomId } }) => (typeof roomId === "string" ? roomId : key),
    partsOf: (message) => partsOf(message, longestPersonalText - longestMarks),
    send: async (address, part, marks, signal) => {
      const current = account();
      const { contactId, roomId } = address.data;
      if (typeof contactId !== "string") return { state: "failed", reason: "an address without a contact" };
      if (current === undefined) return notLoggedIn;
      const text = withMarks(part.text, marks);
      const said = typeof roomId === "string" ? `${await mentionOf(current, address, sendMs)}${text}` : text;
      if (signal.aborted) return { state: "retry", reason: "stopped before it was sent" };
      const mentioned = typeof roomId === "string" ? [contactId] : undefined;
      const target = typeof roomId === "string" ? roomId : contactId;
      try {
        const call = current.puppet.messageSendText(target, said, mentioned);
        const id = await inTime(sendMs, untilAborted(call, signal));
        return { state: "sent", ...(typeof id === "string" && id !== "" ? { platformId: id } : {}) };
      } catch (err) {
        return outcomeOf(err);
      }
    },
  };
}

const notLoggedIn: SendOutcome = {
  state: "retry",
  reason: "the account is not logged in",
  afterMs: 5_000,
  scope: "channel",
};

/** What an error of a send says about the message. */
export function outcomeOf(err: unknown): SendOutcome {
  if (isLoggedOut(err)) return notLoggedIn;
  if (isUnsent(err)) return { state: "retry", reason: reasonOf(err), afterMs: 5_000, scope: "channel" };
  if (isContactGone(err))
    return { state: "unreachable", reason: "the contact is no friend or member any more" };
  return { state: "unknown", reason: reasonOf(err) };
}

/** In a room the member is called by the name that the room knows; without one the text goes out as it is. */
async function mentionOf(account: WechatAccount, address: PlatformAddress, ms: number): Promise<string> {
  const { roomId, contactId } = address.data;
  try {
    const member = await inTime(ms, account.puppet.roomMemberPayload(String(roomId), String(contactId)));
    const name = member.roomAlias || member.name;
    return name ? `@${name.slice(0, 64)}\u2005` : "";
  } catch {
    return "";
  }
}

async function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(new DOMException("cut off", "AbortError"));
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
