import { z } from "zod";
import { type DeliveryState, deliveryStates } from "../messaging/delivery.ts";
import type { ControlHandler } from "../storage/control-protocol.ts";
import type { LoggedEvent } from "../storage/event-log.ts";
import type { LedgerCount, LedgerEntry, SetAsideMessage, SqlRoadReports } from "../storage/road-reports.ts";

/** A channel's health as the running service sees it. */
export interface SeenHealth {
  readonly state: string;
  readonly reason?: string;
  readonly since: string;
}

export interface RoadParts {
  readonly reports: SqlRoadReports;
  readonly events: { lastByChannel(types: readonly string[]): Promise<LoggedEvent[]> };
  /** Of every channel of the running service; absent where none runs here. */
  readonly health?: () => Readonly<Record<string, SeenHealth>>;
}

/** A channel in a word, and what waits there. */
export interface ChannelReport extends Partial<SeenHealth> {
  readonly channel: string;
  readonly waiting: number;
  /** ISO timestamp: since when the oldest message waits. */
  readonly oldest?: string;
}

export interface RoadResults {
  /** `running: false`: no service runs here, the states are the last ones that admins were told of. */
  readonly "admin.channels": { readonly running: boolean; readonly channels: readonly ChannelReport[] };
  readonly "admin.set-aside": { readonly total: number; readonly messages: readonly SetAsideMessage[] };
  readonly "admin.ledger": {
    readonly counts: readonly LedgerCount[];
    readonly entries: readonly LedgerEntry[];
  };
}

/** Rows of one list: more would not fit into one line of the control socket. */
export const mostRows = 200;
const limit = z.number().int().min(1).max(mostRows);
const setAsideArgs = z.object({ limit, show: z.boolean() });
const ledgerArgs = z.object({
  limit,
  state: z.enum(deliveryStates).optional(),
  channel: z.string().optional(),
});

/** Looking at what is on its way, and at what did not get through. */
export function roadCommands({
  reports,
  events,
  health,
}: RoadParts): Record<keyof RoadResults, ControlHandler> {
  return {
    "admin.channels": async (): Promise<RoadResults["admin.channels"]> => {
      const states = health === undefined ? await toldStates(events) : health();
      const waiting = new Map((await reports.waiting()).map((row) => [row.channel, row]));
      const names = [...new Set([...Object.keys(states), ...waiting.keys()])].sort();
      return {
        running: health !== undefined,
        channels: names.map((channel) => {
          const waits = waiting.get(channel);
          return {
            channel,
            ...states[channel],
            waiting: waits?.count ?? 0,
            ...(waits === undefined ? {} : { oldest: waits.oldest }),
          };
        }),
      };
    },
    "admin.set-aside": async (args: unknown): Promise<RoadResults["admin.set-aside"]> => {
      const { limit, show } = setAsideArgs.parse(args);
      const { total, messages } = await reports.setAside({ limit, withText: show });
      return { total, messages: messages.map(shortened) };
    },
    "admin.ledger": async (args: unknown): Promise<RoadResults["admin.ledger"]> => {
      const { limit, state, channel } = ledgerArgs.parse(args);
      const query = { limit, ...only("state", state), ...only("channel", channel) };
      return { counts: await reports.ledgerCounts(), entries: await reports.ledgerEntries(query) };
    },
  };
}

/** Longest shown text in characters, so that a whole list fits into one answer. */
const longestShown = 2_000;

function shortened(message: SetAsideMessage): SetAsideMessage {
  const { text } = message;
  return text === undefined || text.length <= longestShown
    ? message
    : { ...message, text: `${text.slice(0, longestShown).toWellFormed()}…` };
}

async function toldStates(events: RoadParts["events"]): Promise<Record<string, SeenHealth>> {
  const last = await events.lastByChannel(["channel.down", "channel.back"]);
  return Object.fromEntries(
    last.map(({ type, channel = "", details, at }) => [
      channel,
      {
        state: type === "channel.down" ? "down" : "ready",
        ...(typeof details.reason === "string" ? { reason: details.reason } : {}),
        since: at,
      },
    ]),
  );
}

function only<Name extends "state" | "channel", Value extends string | DeliveryState>(
  name: Name,
  value: Value | undefined,
): { [K in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [K in Name]: Value });
}
