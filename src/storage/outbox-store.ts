import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Delivery, OutboxStore, OutboxWork, SentPart } from "../messaging/delivery.ts";
import type { LaneClaim } from "../messaging/lane-store.ts";
import type { PlatformAddress } from "../messaging/platform-event.ts";
import { addressOf } from "./address-queries.ts";
import { eraseAddress } from "./forget.ts";
import { makeUnreachable } from "./inbound-queries.ts";
import { holds } from "./lane-store.ts";
import { type MessageRow, toMessage } from "./message-rows.ts";
import { openAddress, type Sealer } from "./sealer.ts";
import { anyOf } from "./sql-values.ts";
import type { Tables } from "./tables.ts";

type WaitingRow = MessageRow & {
  sealed: string;
  farewell: boolean;
  delivery_state: Delivery["state"];
  attempts: number;
  unknowns: number;
  parts_sent: number;
  age: string | number;
};

/**
 * The ledger of outgoing messages in SQL. That a platform has a message is always written; everything else only under
 * the claim.
 */
export class SqlOutboxStore implements OutboxStore {
  readonly #db: Kysely<Tables>;
  readonly #sealer: Sealer;
  readonly #now: () => Date;

  constructor({ db, sealer, now }: { db: Kysely<Tables>; sealer: Sealer; now: () => Date }) {
    this.#db = db;
    this.#sealer = sealer;
    this.#now = now;
  }

  async load(claim: LaneClaim, limit: number): Promise<OutboxWork | undefined> {
    const { rows } = await sql<WaitingRow>`
      select addresses.sealed, addresses.erase_after is not null as farewell, waiting.*
      from addresses left join lateral (
        select messages.*, deliveries.state as delivery_state, deliveries.attempts, deliveries.unknowns,
          deliveries.parts_sent, extract(epoch from now() - deliveries.queued_at) * 1000 as age
        from deliveries join messages on messages.id = deliveries.message_id
        where deliveries.conversation_id = addresses.conversation_id and deliveries.state in ('queued', 'sending')
        order by deliveries.seq limit ${limit}
      ) as waiting on true
      where addresses.conversation_id = ${claim.key}
      order by waiting.seq`.execute(this.#db);
    const first = rows[0];
    if (first === undefined) return undefined;
    return {
      address: openAddress(this.#sealer, first.sealed),
      farewell: first.farewell,
      deliveries: rows.filter(({ id }) => id !== null).map(toDelivery),
    };
  }

  async addressOf(conversationId: string): Promise<PlatformAddress | undefined> {
    return addressOf(this.#db, conversationId, this.#sealer);
  }

  async begin(claim: LaneClaim, messageId: string): Promise<boolean> {
    // What stands at `sending` was begun before, and nobody knows how it ended.
    const { rows } = await sql`
      update deliveries set state = 'sending', attempts = attempts + 1,
        unknowns = unknowns + case when state = 'sending' then 1 else 0 end
      where message_id = ${messageId} and state in ('queued', 'sending')
        and ${isHeld(claim)}
      returning message_id`.execute(this.#db);
    return rows.length > 0;
  }

  async partSent(claim: LaneClaim, messageId: string, part: SentPart): Promise<void> {
    const ids = JSON.stringify(part.platformId === undefined ? [] : [part.platformId]);
    // Whoever took the lane over meanwhile may be sending it again: its state is theirs until all of it is there.
    await sql`
      update deliveries set parts_sent = ${part.index + 1}, unknowns = 0,
        platform_ids = platform_ids || ${ids}::jsonb, repeated = repeated or ${part.repeat},
        reason = case when ${part.last} or state <> 'dropped' then null else reason end,
        state = case when ${part.last} then 'sent' when state = 'sending' and ${isHeld(claim)} then 'queued'
          else state end,
        ended_at = case when ${part.last} then ${this.#time()}::timestamptz else ended_at end
      where message_id = ${messageId} and parts_sent <= ${part.index}
        and state in ('queued', 'sending', 'dropped')`.execute(this.#db);
  }

  async putBack(claim: LaneClaim, messageId: string, reason: string): Promise<void> {
    await this.#change(claim, messageId, { state: "queued", reason });
  }

  async leftOpen(claim: LaneClaim, messageId: string, reason: string): Promise<void> {
    await this.#change(claim, messageId, { reason });
  }

  async end(
    claim: LaneClaim,
    messageId: string,
    state: "failed" | "dropped" | "unknown",
    reason: string,
  ): Promise<void> {
    await this.#change(claim, messageId, { state, reason, ended_at: this.#time() });
  }

  async unreachable(claim: LaneClaim, reason: string): Promise<void> {
    await makeUnreachable(this.#db, claim.key, reason, this.#now());
  }

  async eraseAddress(claim: LaneClaim): Promise<void> {
    await eraseAddress(this.#db, claim.key);
  }

  async backlog(channels: readonly string[]): Promise<Record<string, { waiting: number; oldestMs: number }>> {
    const { rows } = await sql<{ channel: string; waiting: string | number; oldest: string | number }>`
      select substr(kind, 6) as channel, count(*) as waiting,
        coalesce(extract(epoch from max(now() - coalesce(armed_at, due_at))) * 1000, 0) as oldest
      from lanes where kind = ${anyOf(channels.map((channel) => `send:${channel}`))} and due_at is not null
      group by kind`.execute(this.#db);
    return Object.fromEntries(
      rows.map(({ channel, waiting, oldest }) => [
        channel,
        { waiting: Number(waiting), oldestMs: Math.max(0, Number(oldest)) },
      ]),
    );
  }

  async #change(
    claim: LaneClaim,
    messageId: string,
    change: { state?: "queued" | "failed" | "dropped" | "unknown"; reason: string; ended_at?: string },
  ): Promise<void> {
    await this.#db
      .updateTable("deliveries")
      .set(change)
      .where("message_id", "=", messageId)
      .where("state", "in", ["queued", "sending"])
      .where(isHeld(claim))
      .execute();
  }

  #time(): string {
    return this.#now().toISOString();
  }
}

function isHeld(claim: LaneClaim): RawBuilder<boolean> {
  return sql<boolean>`exists (select from lanes where ${holds(claim)})`;
}

function toDelivery(row: WaitingRow): Delivery {
  return {
    message: toMessage(row),
    state: row.delivery_state,
    attempts: row.attempts,
    unknowns: row.unknowns,
    partsSent: row.parts_sent,
    age: Number(row.age),
  };
}
