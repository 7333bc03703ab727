import type { Writable } from "node:stream";
import type { ChannelSender, OutgoingPart, SendMarks, SendOutcome } from "../../messaging/delivery.ts";
import { plainMessage } from "../../messaging/plain-message.ts";
import { splitText } from "../../messaging/split-text.ts";

export const channelName = "terminal";

/** A terminal sets no limit: this is more than anybody reads. */
export const longestText = 20_000;

/** Control characters other than line breaks and tabs: they could move the cursor or change what stands there. */
const controls = /[\p{Cc}--[\n\t]]/gv;

export interface TerminalSenderOptions {
  readonly output: Writable;
  /** Called when a message was printed. */
  readonly shown: () => void;
}

/** Printed parts that are remembered, so that none is printed twice. */
const mostRemembered = 1_000;

/** Prints messages; what the output took counts as confirmed, and is not printed again by this process. */
export function createTerminalSender({ output, shown }: TerminalSenderOptions): ChannelSender {
  const names = new WeakMap<OutgoingPart, string>();
  const printed = new Set<string>();
  const remember = (name: string) => {
    printed.add(name);
    for (const oldest of printed) {
      if (printed.size <= mostRemembered) break;
      printed.delete(oldest);
    }
  };
  return {
    channel: channelName,
    limits: {},
    partsOf: (message) =>
      splitText(plainMessage(message).replace(controls, ""), longestText).map((text, index) => {
        const part = { text };
        names.set(part, `${message.id} ${index}`);
        return part;
      }),
    send: (_address, part, marks) => {
      const name = names.get(part) ?? "";
      if (printed.has(name)) return Promise.resolve({ state: "sent" });
      return new Promise<SendOutcome>((resolve) => {
        if (output.writableEnded || output.destroyed) {
          resolve(closed);
          return;
        }
        output.write(`\n${leadOf(marks)}${part.text}\n\n`, (error) => {
          if (error) {
            resolve(closed);
            return;
          }
          if (name !== "") remember(name);
          shown();
          resolve({ state: "sent" });
        });
      });
    },
  };
}

const closed: SendOutcome = { state: "unreachable", reason: "the output is closed" };

function leadOf({ repeat, late }: SendMarks): string {
  if (repeat) return "（这条可能已经给您看过了，再给您看一次）\n";
  return late ? "（这条回复来晚了，对不起）\n" : "";
}
