import { type Kysely, sql } from "kysely";
import type { DeliveryState } from "../messaging/delivery.ts";
import { withoutNulls } from "./sql-values.ts";
import type { Tables } from "./tables.ts";

/** A contact's message that could not be answered. */
export interface SetAsideMessage {
  readonly id: string;
  readonly conversationId: string;
  readonly channel: string;
  /** ISO timestamp: when it was received. */
  readonly at: string;
  readonly reason: string;
  /** Only where it was asked for. */
  readonly text?: string;
}

/** One message of the ledger, without its text. */
export interface LedgerEntry {
  readonly messageId: string;
  readonly conversationId: string;
  readonly channel: string;
  readonly state: DeliveryState;
  readonly reason?: string;
  readonly attempts: number;
  /** It went out marked as a repeat. */
  readonly repeated: boolean;
  /** ISO timestamps. */
  readonly queuedAt: string;
  readonly endedAt?: string;
}

export interface LedgerCount {
  readonly channel: string;
  readonly state: DeliveryState;
  readonly count: number;
  /** ISO timestamp: when the oldest of them was queued. */
  readonly oldest: string;
}

export interface LedgerQuery {
  readonly state?: DeliveryState;
  readonly channel?: string;
  readonly limit: number;
}

/** What admins are shown of the messages' way. Nobody's words are read unless asked for. */
export class SqlRoadReports {
  readonly #db: Kysely<Tables>;

  constructor({ db }: { db: Kysely<Tables> }) {
    this.#db = db;
  }

  /** How many could not be answered, and the newest of them. */
  async setAside({
    limit,
    withText,
  }: {
    readonly limit: number;
    readonly withText: boolean;
  }): Promise<{ total: number; messages: SetAsideMessage[] }> {
    const total = await this.#db
      .selectFrom("messages")
      .select(({ fn }) => fn.countAll<string | number>().as("count"))
      .where("set_aside", "is not", null)
      .executeTakeFirstOrThrow();
    const rows = await this.#db
      .selectFrom("messages")
      .innerJoin("conversations", "conversations.id", "messages.conversation_id")
      .select(["messages.id", "conversation_id", "channel", "messages.created_at", "set_aside"])
      .$if(withText, (query) => query.select("text"))
      .where("set_aside", "is not", null)
      .orderBy("seq", "desc")
      .limit(limit)
      .execute();
    return {
      total: Number(total.count),
      messages: rows.map(({ id, conversation_id, channel, created_at, set_aside, text }) => ({
        id,
        conversationId: conversation_id,
        channel,
        at: created_at.toISOString(),
        reason: set_aside ?? "",
        ...(text === undefined ? {} : { text }),
      })),
    };
  }

  /** How many messages are in each state, by channel. */
  async ledgerCounts(): Promise<LedgerCount[]> {
    const rows = await this.#db
      .selectFrom("deliveries")
      .select(({ fn }) => [
        "channel",
        "state",
        fn.countAll<string | number>().as("count"),
        sql<Date>`min(queued_at)`.as("oldest"),
      ])
      .groupBy(["channel", "state"])
      .orderBy("channel")
      .orderBy("state")
      .execute();
    return rows.map(({ channel, state, count, oldest }) => ({
      channel,
      state,
      count: Number(count),
      oldest: oldest.toISOString(),
    }));
  }

  /** What waits to go out, by channel. */
  async waiting(): Promise<{ channel: string; count: number; oldest: string }[]> {
    const rows = await this.#db
      .selectFrom("deliveries")
      .select(({ fn }) => [
        "channel",
        fn.countAll<string | number>().as("count"),
        sql<Date>`min(queued_at)`.as("oldest"),
      ])
      .where("state", "in", ["queued", "sending"])
      .groupBy("channel")
      .orderBy("channel")
      .execute();
    return rows.map(({ channel, count, oldest }) => ({
      channel,
      count: Number(count),
      oldest: oldest.toISOString(),
    }));
  }

  /** The newest entries of the ledger. */
  async ledgerEntries({ state, channel, limit }: LedgerQuery): Promise<LedgerEntry[]> {
    const rows = await this.#db
      .selectFrom("deliveries")
      .selectAll()
      .$if(state !== undefined, (query) => query.where("state", "=", state ?? "failed"))
      .$if(channel !== undefined, (query) => query.where("channel", "=", channel ?? ""))
      .orderBy("seq", "desc")
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      messageId: row.message_id,
      conversationId: row.conversation_id,
      channel: row.channel,
      state: row.state,
      ...withoutNulls({ reason: row.reason }),
      attempts: row.attempts,
      repeated: row.repeated,
      queuedAt: row.queued_at.toISOString(),
      ...(row.ended_at === null ? {} : { endedAt: row.ended_at.toISOString() }),
    }));
  }
}
