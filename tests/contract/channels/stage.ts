import { expect, onTestFinished } from "vitest";
import type { ChannelCapabilities } from "../../../src/channels/channel.ts";
import type { TurnHandler } from "../../../src/messaging/turn-handler.ts";
import type { Database } from "../../../src/storage/database.ts";
import type { ChannelDriver, Seen } from "./driver.ts";
import { openSite, type Script, type Site, temporaryFolder, waiting } from "./site.ts";

/** A channel as the suite is told of it. */
export interface Subject {
  readonly name: string;
  /** What the channel declares; the suite asserts that it does, and each of it. */
  readonly can: ChannelCapabilities;
  /** Whether the platform may deliver a message twice. */
  readonly redelivers: boolean;
  /** Whether the notice is given in the conversation; the page shows its own. */
  readonly showsNotice: boolean;
  readonly open: () => Promise<ChannelDriver>;
}

/** One contact on a platform, with one process of the service behind the channel. */
export interface Play {
  readonly driver: ChannelDriver;
  readonly site: Site;
  /** Waits until the contact sees so many messages, and resolves to all that they see. */
  seen(count: number): Promise<readonly Seen[]>;
  /** Waits until nothing waits for a turn, and nothing to be sent where the channel pushes. */
  settled(): Promise<void>;
  /** The process is stopped, its turns cut off, and another one takes its place. */
  restart(handler: TurnHandler | Script): Promise<void>;
}

export interface Stage {
  readonly subject: Subject;
  play(handler: TurnHandler | Script, options?: { readonly burstMs?: number }): Promise<Play>;
}

export const patience = { timeout: 25_000, interval: 15 };

export function createStage(subject: Subject, openDatabase: () => Promise<Database>): Stage {
  return {
    subject,
    play: async (handler, options = {}) => {
      const database = await openDatabase();
      const folder = await temporaryFolder();
      const driver = await subject.open();
      const openWith = (turn: TurnHandler | Script) =>
        openSite({
          database,
          folder: folder.path,
          handler: turn,
          connect: (made) => driver.connect(made),
          ...options,
        });
      let site: Site | undefined;
      onTestFinished(async () => {
        await site?.stop();
        await driver.close();
        await folder.remove();
      });
      site = await openWith(handler);
      const current = () => site as Site;
      return {
        driver,
        get site() {
          return current();
        },
        seen: async (count) => {
          await expect.poll(async () => (await driver.seen()).length, patience).toBeGreaterThanOrEqual(count);
          return driver.seen();
        },
        settled: async () => {
          const pushes = current().channel.sender !== undefined;
          const open = async () => {
            const { turns, sends } = await waiting(current());
            return turns + (pushes ? sends : 0);
          };
          await expect.poll(open, patience).toBe(0);
        },
        restart: async (next) => {
          await current().stop();
          site = await openWith(next);
        },
      };
    },
  };
}

/** What a turn was asked, over all turns in order. */
export const askedIn = ({ turns }: Site): string[] =>
  turns.flatMap(({ messages }) => messages.map(({ text }) => text));

export const textsOf = (seen: readonly Seen[]): string[] => seen.map(({ text }) => text);
