import { once } from "node:events";
import { PassThrough, Writable } from "node:stream";
import { createTerminalChannel } from "../../../src/channels/terminal/channel.ts";
import type { ChannelDriver, Seen } from "./driver.ts";

/** Somebody at a terminal. */
export async function openTerminalDriver(): Promise<ChannelDriver> {
  const printed: string[] = [];
  const output = new Writable({
    decodeStrings: false,
    write: (chunk, _encoding, done) => {
      printed.push(String(chunk));
      done();
    },
  });
  let input = new PassThrough();
  let sessions = 0;
  let lines = 0;
  return {
    connect: async ({ road, logger }) => {
      input = new PassThrough();
      sessions += 1;
      return createTerminalChannel({
        input,
        output,
        inbox: road.inbox,
        session: `session-${sessions}`,
        contact: "worker",
        logger,
        now: () => new Date(),
      });
    },
    write: async (text) => {
      lines += 1;
      if (!input.write(`${text}\n`)) await once(input, "drain");
      return { handle: lines };
    },
    seen: async () => printed.map((text): Seen => ({ text: text.trim(), buttons: [], sources: [] })),
    close: async () => {
      input.end();
    },
  };
}
