import { type Kysely, type RawBuilder, sql } from "kysely";
import type { QueuedWebhookEvent, WebhookQueue, WebhookWork } from "../integrations/webhook.ts";
import type { LaneClaim } from "../messaging/lane-store.ts";
import { holds } from "./lane-store.ts";
import type { Sealer } from "./sealer.ts";
import type { Tables } from "./tables.ts";
import { failWaiting } from "./webhook-store.ts";

export interface SqlWebhookQueueOptions {
  readonly db: Kysely<Tables>;
  readonly sealer: Pick<Sealer, "open">;
  readonly now: () => Date;
}

/** Waiting webhook events in SQL. Every change asks for the lane's claim in its own statement. */
export class SqlWebhookQueue implements WebhookQueue {
  readonly #db: Kysely<Tables>;
  readonly #sealer: Pick<Sealer, "open">;
  readonly #now: () => Date;

  constructor({ db, sealer, now }: SqlWebhookQueueOptions) {
    this.#db = db;
    this.#sealer = sealer;
    this.#now = now;
  }

  async look(): Promise<{ anyActive: boolean; unarmed: string[] }> {
    const { rows } = await sql<{ id: string; unarmed: boolean }>`
      select endpoint.id, lane.due_at is null and exists (
          select from webhook_events where endpoint_id = endpoint.id and state = 'queued'
        ) as unarmed
      from webhook_endpoints as endpoint
      left join lanes as lane on lane.kind = 'webhook' and lane.key = endpoint.id
      where endpoint.disabled_at is null`.execute(this.#db);
    return {
      anyActive: rows.length > 0,
      unarmed: rows.filter(({ unarmed }) => unarmed).map(({ id }) => id),
    };
  }

  async load(claim: LaneClaim, limit: number): Promise<WebhookWork | undefined> {
    const endpoint = await this.#db
      .selectFrom("webhook_endpoints")
      .select(["url", "sealed_secret"])
      .where("id", "=", claim.key)
      .where("disabled_at", "is", null)
      .executeTakeFirst();
    if (endpoint === undefined) return undefined;
    const rows = await this.#db
      .selectFrom("webhook_events")
      .select(["id", "type", "body", "created_at"])
      .where("endpoint_id", "=", claim.key)
      .where("state", "=", "queued")
      .orderBy("seq")
      .limit(limit)
      .execute();
    return {
      url: endpoint.url,
      secret: this.#sealer.open(endpoint.sealed_secret),
      events: rows.map(
        ({ id, type, body, created_at }): QueuedWebhookEvent => ({
          id,
          type,
          data: body,
          createdAt: created_at.toISOString(),
        }),
      ),
    };
  }

  async begin(claim: LaneClaim, eventId: string, leaseMs: number): Promise<boolean> {
    const { rows } = await sql`
      with lane as (
        update lanes set leased_until = now() + ${leaseMs}::float8 * interval '1 millisecond' where ${holds(claim)}
        returning key
      )
      update webhook_events set attempts = attempts + 1 from lane
      where id = ${eventId} and endpoint_id = lane.key and state = 'queued'
      returning id`.execute(this.#db);
    return rows.length > 0;
  }

  async sent(claim: LaneClaim, eventId: string): Promise<boolean> {
    const updated = await this.#db
      .updateTable("webhook_events")
      .set({ state: "sent", reason: null, ended_at: this.#now().toISOString() })
      .where("id", "=", eventId)
      .where("state", "=", "queued")
      .where(isHeld(claim))
      .returning("id")
      .executeTakeFirst();
    return updated !== undefined;
  }

  async leave(claim: LaneClaim, eventId: string, reason: string): Promise<boolean> {
    const updated = await this.#db
      .updateTable("webhook_events")
      .set({ reason })
      .where("id", "=", eventId)
      .where("state", "=", "queued")
      .where(isHeld(claim))
      .returning("id")
      .executeTakeFirst();
    return updated !== undefined;
  }

  async giveUp(claim: LaneClaim, since: Date): Promise<boolean> {
    const updated = await this.#db
      .updateTable("webhook_events")
      .set({
        state: "failed",
        reason: sql<string>`coalesce(reason, 'waited_behind_failed')`,
        ended_at: this.#now().toISOString(),
      })
      .where("endpoint_id", "=", claim.key)
      .where("state", "=", "queued")
      .where("created_at", "<=", sql<Date>`${since.toISOString()}::timestamptz`)
      .where(isHeld(claim))
      .returning("id")
      .execute();
    return updated.length > 0;
  }

  async disable(claim: LaneClaim, reason: string): Promise<boolean> {
    return this.#db.transaction().execute(async (tx) => {
      const now = this.#now().toISOString();
      const disabled = await tx
        .updateTable("webhook_endpoints")
        .set({ disabled_at: now })
        .where("id", "=", claim.key)
        .where("disabled_at", "is", null)
        .where(isHeld(claim))
        .returning("id")
        .executeTakeFirst();
      if (disabled === undefined) return false;
      await failWaiting(tx, claim.key, reason, now);
      return true;
    });
  }
}

function isHeld(claim: LaneClaim): RawBuilder<boolean> {
  return sql<boolean>`exists (select from lanes where ${holds(claim)})`;
}
