import type { Conversation } from "./conversation.ts";
import type { ChannelSender } from "./delivery.ts";
import type { PlatformAddress } from "./platform-event.ts";

/** Shows contacts of messengers that a reply is being made. Nothing of it is stored, and nothing depends on it. */
export interface Presence {
  /** Shows typing from a moment on until `stop`: most turns are faster than that moment. */
  typing(conversation: Conversation, signal: AbortSignal): { stop(): void };
  preview(conversation: Conversation, replyTo: string, text: string, signal: AbortSignal): void;
}

export interface PresenceOptions {
  readonly senders: ReadonlyMap<string, ChannelSender>;
  readonly addressOf: (conversationId: string) => Promise<PlatformAddress | undefined>;
  /** Milliseconds before typing is shown. Default 300. */
  readonly afterMs?: number;
}

/** Milliseconds after which platforms end the sign by themselves. */
const typingRepeat = 4_500;

/** Presence by the channels' senders; errors are left alone. */
export function createPresence({ senders, addressOf, afterMs = 300 }: PresenceOptions): Presence {
  const withAddress = (id: string, use: (address: PlatformAddress) => Promise<void> | undefined) => {
    addressOf(id)
      .then((address) => (address === undefined ? undefined : use(address)))
      .catch(() => {});
  };
  return {
    typing: (conversation, signal) => {
      const sender = senders.get(conversation.channel);
      if (sender?.typing === undefined) return { stop: () => {} };
      const show = () => {
        if (!signal.aborted) withAddress(conversation.id, (address) => sender.typing?.(address, signal));
      };
      let repeat: NodeJS.Timeout | undefined;
      const first = setTimeout(() => {
        show();
        repeat = setInterval(show, typingRepeat);
      }, afterMs);
      return {
        stop: () => {
          clearTimeout(first);
          clearInterval(repeat);
        },
      };
    },
    preview: (conversation, replyTo, text, signal) => {
      const sender = senders.get(conversation.channel);
      if (sender?.preview === undefined) return;
      withAddress(conversation.id, (address) => sender.preview?.(address, replyTo, text, signal));
    },
  };
}
