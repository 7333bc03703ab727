import { randomUUID } from "node:crypto";
import type { Channel } from "../channels/channel.ts";
import type { Config } from "../config.ts";
import { ConversationEvents } from "../messaging/conversation-events.ts";
import type { TurnWork } from "../messaging/conversation-store.ts";
import type { ChannelSender } from "../messaging/delivery.ts";
import { Inbox, type InboxWording } from "../messaging/inbox.ts";
import type { StoredMessage } from "../messaging/message.ts";
import { Outbox } from "../messaging/outbox.ts";
import { createPresence } from "../messaging/presence.ts";
import type { RoadObserver } from "../messaging/road-observer.ts";
import type { TurnHandler } from "../messaging/turn-handler.ts";
import { TurnWorker } from "../messaging/turn-worker.ts";
import { SqlConversationStore } from "../storage/conversation-store.ts";
import type { Database } from "../storage/database.ts";
import { SqlLaneStore } from "../storage/lane-store.ts";
import { SqlOutboxStore } from "../storage/outbox-store.ts";
import type { Sealer } from "../storage/sealer.ts";
import { conversationChanged, sendQueued } from "../storage/turn-queries.ts";
import type { Logger } from "../telemetry/logger.ts";

export interface RoadOptions {
  readonly config: Config;
  readonly database: Database;
  readonly sealer: Sealer;
  readonly handler: TurnHandler;
  readonly prepare: (work: TurnWork, signal: AbortSignal) => Promise<readonly StoredMessage[]>;
  readonly wording: InboxWording & { apology(): string };
  readonly webhooks: () => boolean;
  /** Told when a contact was forgotten: the files can go, too. */
  readonly onForgotten?: () => void;
  readonly logger: Logger;
  readonly observer: RoadObserver;
}

/** The parts of the road from a received message to a delivered reply, over one database. */
export type Road = ReturnType<typeof createRoad>;

/** Names this process among all that share the database. */
export const processName = randomUUID();

const clock = { newId: () => randomUUID(), now: () => new Date() };
const monotonic = () => performance.now();

export function createRoad(options: RoadOptions) {
  const { config, database, sealer, logger, observer } = options;
  const { db } = database;
  const conversations = new SqlConversationStore({ db, sealer, webhooks: options.webhooks, ...clock });
  const lanes = new SqlLaneStore({ db });
  const ledger = new SqlOutboxStore({ db, sealer, now: clock.now });
  const events = new ConversationEvents();
  const senders = new Map<string, ChannelSender>();
  const outboxes = new Map<string, Outbox>();
  const turns = new TurnWorker({
    conversations,
    lanes,
    owner: processName,
    handler: options.handler,
    prepare: options.prepare,
    onForgotten: options.onForgotten,
    events,
    presence: createPresence({ senders, addressOf: (id) => ledger.addressOf(id) }),
    apology: () => options.wording.apology(),
    concurrency: config.turnsAtOnce,
    logger,
    observer,
    now: monotonic,
  });
  const inbox = new Inbox({
    conversations,
    events,
    turns,
    wording: options.wording,
    burstMs: config.burstMs,
    busyAfter: config.busyAfter,
    perContactPerMinute: config.messagesPerContactPerMinute,
    logger,
    observer,
    now: monotonic,
  });

  return {
    conversations,
    lanes,
    ledger,
    events,
    inbox,
    turns,
    /** Puts a channel on the road. `maySend`: whether this process sends for it, now. */
    join: (channel: Channel, maySend: () => boolean) => {
      const { sender } = channel;
      if (sender === undefined) return;
      senders.set(channel.name, sender);
      const parts = { sender, lanes, store: ledger, owner: processName, maySend, logger, observer };
      outboxes.set(channel.name, new Outbox({ ...parts, now: monotonic, random: Math.random }));
    },
    /** The channel may be sent to again, or by this process from now on. */
    wakeOutbox: (channel: string) => outboxes.get(channel)?.wake(),
    /** What waits for this conversation is due now: its contact can be answered for a moment. */
    sendNow: async (channel: string, conversationId: string) => {
      await lanes.arm(`send:${channel}`, conversationId, 0);
      outboxes.get(channel)?.wake();
    },
    backlog: () => ledger.backlog([...outboxes.keys()]),
    /** Begins to work off what waits, also what a former process left. */
    start: async () => {
      // Nobody else works on an embedded database: what is leased was held by a process that is gone.
      if (database.kind === "pglite") await lanes.releaseAll();
      // From this process and all others, after the commit: streams read on, and what is to be sent is sent.
      await database.listen(conversationChanged, (id) => events.publish(id, { type: "message" }));
      await database.listen(sendQueued, (kind) => outboxes.get(kind.slice("send:".length))?.wake());
      turns.start();
      for (const outbox of outboxes.values()) outbox.start();
    },
    /** Takes on nothing more; what is at hand may end for at most `deadlineMs` milliseconds. Nothing is lost. */
    stop: async (deadlineMs: number) => {
      await turns.stop(deadlineMs);
      await Promise.all([...outboxes.values()].map((outbox) => outbox.stop(deadlineMs)));
    },
  };
}
