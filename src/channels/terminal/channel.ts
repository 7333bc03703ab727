import type { Readable, Writable } from "node:stream";
import type { ChannelHealth } from "../../messaging/channel-health.ts";
import type { InboxPort } from "../../messaging/inbox.ts";
import type { Channel, ChannelCapabilities } from "../channel.ts";
import { type ChannelLogger, LineReader } from "./receive.ts";
import { createTerminalSender, longestText } from "./send.ts";

export interface TerminalChannelOptions {
  readonly input: Readable;
  readonly output: Writable;
  /** Whether a prompt is shown. Default false. */
  readonly interactive?: boolean;
  readonly inbox: Pick<InboxPort, "receiveEvents">;
  /** Begins the ids of this terminal's messages: another one at every start. */
  readonly session: string;
  /** Who sits at the terminal: the same name finds the same conversation. Default "terminal". */
  readonly contact?: string;
  readonly logger: ChannelLogger;
  readonly now: () => Date;
}

export interface TerminalChannel extends Channel {
  /** Resolves when the input ended or the person left. */
  readonly ended: Promise<void>;
}

const capabilities: ChannelCapabilities = {
  longestText,
  sources: "footnotes",
  quickReplies: "numbers",
  // A terminal has nothing but lines.
  receives: [],
  edits: false,
  deletions: false,
  groups: false,
  typing: false,
  previews: false,
  confirms: true,
};

/** A terminal as a channel: a line is a message, and replies are printed. */
export function createTerminalChannel({
  input,
  output,
  interactive = false,
  inbox,
  session,
  contact = "terminal",
  logger,
  now,
}: TerminalChannelOptions): TerminalChannel {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const reader = new LineReader({ input, output, interactive, inbox, session, contact, logger });
  let health = healthNow("starting");
  let reading: Promise<void> | undefined;

  function healthNow(state: ChannelHealth["state"], reason?: string): ChannelHealth {
    return { state, since: now().toISOString(), ...(reason === undefined ? {} : { reason }) };
  }
  return {
    name: "terminal",
    capabilities,
    exclusive: false,
    sender: createTerminalSender({ output, shown: () => reader.prompt() }),
    ended,
    start: async () => {
      if (reading !== undefined) return;
      health = healthNow("ready");
      reading = reader.read().finally(() => {
        health = healthNow("down", "the input ended");
        end();
      });
    },
    stop: async () => {
      reader.close();
      await reading;
      end();
    },
    health: () => health,
  };
}
