import type { ChannelSender, SendOutcome } from "../../../messaging/delivery.ts";
import { partsOf } from "../send.ts";
import { longestMarks, withMarks } from "../texts.ts";
import type { PassiveReplies } from "./passive-replies.ts";
import { type ApiAnswer, describeCode, type PlatformApi } from "./platform-api.ts";

/** Longest text of a service message and of a reply in the response, in bytes. */
export const longestAccountText = 2_048;

/** What waits for the contact's next message is looked at again after this, in case the account was given the right. */
const nextMessageMs = 3_600_000;

export interface AccountSenderParts {
  readonly replies: PassiveReplies;
  readonly api: Pick<PlatformApi, "post">;
  /** Told whether the account may send service messages, as soon as the platform says so. */
  readonly onServiceMessages: (allowed: boolean) => void;
}

/**
 * Sends into the contact's open request where there is one, else as a service message. Where the account has no right
 * to those, or the contact wrote too long ago, the message waits in the ledger for their next one.
 */
export function createAccountSender({ replies, api, onServiceMessages }: AccountSenderParts): ChannelSender {
  return {
    channel: "wechat",
    limits: { perSecond: 50 },
    partsOf: (message) => {
      const parts = partsOf(message, longestAccountText - longestMarks);
      if (parts.length < 2) return parts;
      // Without the right to service messages the next part comes later: it must be seen that there is one.
      return parts.map(({ text }, index) => ({ text: `${text}\n（${index + 1}/${parts.length}）` }));
    },
    send: async (address, part, marks, signal) => {
      const { openId } = address.data;
      if (typeof openId !== "string") return { state: "failed", reason: "an address without a contact" };
      const content = withMarks(part.text, marks);
      if (replies.offer(openId, content)) return { state: "sent" };
      if (signal.aborted) return { state: "retry", reason: "stopped before it was sent" };
      const answer = await api.post(
        "/cgi-bin/message/custom/send",
        { touser: openId, msgtype: "text", text: { content } },
        signal,
      );
      if (answer.state === "answered" && answer.code === 0) onServiceMessages(true);
      if (answer.state === "answered" && answer.code === 48_001) onServiceMessages(false);
      return outcomeOf(answer);
    },
  };
}

/** What the platform's answer to a service message says about it. */
export function outcomeOf(answer: ApiAnswer): SendOutcome {
  if (answer.state === "open") return { state: "unknown", reason: answer.reason };
  if (answer.state === "unsent") {
    return { state: "retry", reason: answer.reason, afterMs: 5_000, scope: "channel" };
  }
  const reason = describeCode(answer.code);
  switch (answer.code) {
    case 0:
      return { state: "sent" };
    case -1:
      return { state: "retry", reason: "the platform is busy", afterMs: 2_000 };
    case 45_009:
      return { state: "retry", reason: "the day's calls are used up", afterMs: 3_600_000, scope: "channel" };
    case 45_011:
      return { state: "retry", reason: "too many calls", afterMs: 60_000, scope: "channel" };
    case 40_001:
    case 40_014:
    case 42_001:
      return {
        state: "retry",
        reason: "the access token was refused twice",
        afterMs: 30_000,
        scope: "channel",
      };
    // 45015: they wrote more than 48 hours ago; 45047: enough was said since; 48001: no right at all.
    case 45_015:
    case 45_047:
    case 48_001:
      return {
        state: "retry",
        reason: `waits for the contact's next message: ${reason}`,
        afterMs: nextMessageMs,
      };
    case 40_003:
    case 43_004:
      return { state: "unreachable", reason: "the contact does not follow the account" };
    default:
      return { state: "failed", reason };
  }
}
