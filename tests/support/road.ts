import { ConversationEvents } from "../../src/messaging/conversation-events.ts";
import { Inbox, type InboxOptions } from "../../src/messaging/inbox.ts";
import type { RoadObserver } from "../../src/messaging/road-observer.ts";
import type { TurnHandler } from "../../src/messaging/turn-handler.ts";
import { TurnWorker, type TurnWorkerOptions } from "../../src/messaging/turn-worker.ts";
import type { openStores } from "./open-stores.ts";

/** A logger and an observer that keep what they are told. */
export function recordRoad() {
  const logged: { level: string; details: unknown; line: string }[] = [];
  const seen: [string, ...unknown[]][] = [];
  const log = (level: string) => (details: unknown, line: string) =>
    void logged.push({ level, details, line });
  const see =
    (name: string) =>
    (...values: unknown[]) =>
      void seen.push([name, ...values]);
  const observer: RoadObserver = {
    received: see("received"),
    turnEnded: see("turnEnded"),
    turnFailed: see("turnFailed"),
    setAside: see("setAside"),
    leaseLost: see("leaseLost"),
    deliveryEnded: see("deliveryEnded"),
    waitingTurns: () => {},
  };
  const logger = { info: log("info"), warn: log("warn"), error: log("error") };
  return {
    logged,
    seen,
    logger,
    observer,
    count: (name: string) => seen.filter(([one]) => one === name).length,
  };
}

export type RoadRecord = ReturnType<typeof recordRoad>;

/** Inbox and turn worker over real stores, without waiting times. */
export function buildRoad(
  { conversations, lanes }: Pick<ReturnType<typeof openStores>, "conversations" | "lanes">,
  handler: TurnHandler,
  record: RoadRecord,
  options: Partial<TurnWorkerOptions> &
    Partial<Pick<InboxOptions, "burstMs" | "busyAfter" | "perContactPerMinute">> = {},
) {
  const events = options.events ?? new ConversationEvents();
  const { logger, observer } = record;
  const now = () => performance.now();
  const turns = new TurnWorker({
    conversations,
    lanes,
    owner: "test",
    handler,
    events,
    apology: () => "抱歉，请再发一次，或拨打12351。",
    logger,
    observer,
    now,
    retryDelayMs: 1,
    restMs: 1,
    pollMs: 20,
    ...options,
  });
  const inbox = new Inbox({
    conversations,
    events,
    turns,
    wording: { busy: () => "人多，请等等。", tooFast: () => "您发得太快了。" },
    burstMs: options.burstMs ?? 0,
    busyAfter: options.busyAfter ?? 1_000,
    perContactPerMinute: options.perContactPerMinute ?? 1_000,
    logger,
    observer,
    now,
  });
  return { turns, inbox, events };
}
