import { type Kysely, type RawBuilder, type Selectable, sql } from "kysely";
import type {
  DeliveryQuery,
  WebhookDelivery,
  WebhookEndpoint,
  WebhookStore,
} from "../integrations/webhook.ts";
import type { WebhookEventType } from "../integrations/webhook-event.ts";
import type { Sealer } from "./sealer.ts";
import { withoutNulls } from "./sql-values.ts";
import { jsonText } from "./storable-text.ts";
import type { Tables } from "./tables.ts";
import { webhooksChanged } from "./webhook-events.ts";

export interface SqlWebhookStoreOptions {
  readonly db: Kysely<Tables>;
  readonly sealer: Pick<Sealer, "seal">;
  readonly newId: () => string;
  readonly now: () => Date;
}

/** Webhook endpoints in SQL, their secrets sealed, and what became of their events. */
export class SqlWebhookStore implements WebhookStore {
  readonly #db: Kysely<Tables>;
  readonly #sealer: Pick<Sealer, "seal">;
  readonly #newId: () => string;
  readonly #now: () => Date;

  constructor({ db, sealer, newId, now }: SqlWebhookStoreOptions) {
    this.#db = db;
    this.#sealer = sealer;
    this.#newId = newId;
    this.#now = now;
  }

  async add(
    { url, events }: Pick<WebhookEndpoint, "url" | "events">,
    secret: string,
  ): Promise<WebhookEndpoint> {
    return this.#db.transaction().execute(async (tx) => {
      const row = await tx
        .insertInto("webhook_endpoints")
        .values({
          id: this.#newId(),
          url,
          sealed_secret: this.#sealer.seal(secret),
          events: jsonText(events),
          created_at: this.#now().toISOString(),
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      await notifyChanged(tx);
      return toEndpoint(row);
    });
  }

  async list(): Promise<WebhookEndpoint[]> {
    const rows = await this.#db
      .selectFrom("webhook_endpoints")
      .selectAll()
      .orderBy("created_at")
      .orderBy("id")
      .execute();
    return rows.map(toEndpoint);
  }

  async find(id: string): Promise<WebhookEndpoint | undefined> {
    const row = await this.#db
      .selectFrom("webhook_endpoints")
      .selectAll()
      .where("id", "=", id)
      .executeTakeFirst();
    return row === undefined ? undefined : toEndpoint(row);
  }

  async change(
    id: string,
    { active, events }: { readonly active?: boolean; readonly events?: readonly WebhookEventType[] },
  ): Promise<WebhookEndpoint | undefined> {
    return this.#db.transaction().execute(async (tx) => {
      const now = this.#now().toISOString();
      const row = await tx
        .updateTable("webhook_endpoints")
        .set({
          events: events === undefined ? sql.ref<string>("events") : jsonText(events),
          disabled_at: disabledAt(active, now),
        })
        .where("id", "=", id)
        .returningAll()
        .executeTakeFirst();
      if (row === undefined) return undefined;
      if (active === false) await failWaiting(tx, id, "switched_off", now);
      await notifyChanged(tx);
      return toEndpoint(row);
    });
  }

  async remove(id: string): Promise<boolean> {
    return this.#db.transaction().execute(async (tx) => {
      const removed = await tx
        .deleteFrom("webhook_endpoints")
        .where("id", "=", id)
        .returning("id")
        .executeTakeFirst();
      await tx.deleteFrom("lanes").where("kind", "=", "webhook").where("key", "=", id).execute();
      return removed !== undefined;
    });
  }

  async deliveries(endpointId: string, { state, before, limit }: DeliveryQuery): Promise<WebhookDelivery[]> {
    const rows = await this.#db
      .selectFrom("webhook_events")
      .selectAll()
      .where("endpoint_id", "=", endpointId)
      .$if(state !== undefined, (query) => query.where("state", "=", state ?? "queued"))
      .$if(before !== undefined, (query) => query.where("seq", "<", before ?? 0))
      .orderBy("seq", "desc")
      .limit(limit)
      .execute();
    return rows.map(toDelivery);
  }

  async removeEnded(before: Date): Promise<number> {
    const result = await this.#db
      .deleteFrom("webhook_events")
      .where("ended_at", "<", sql<Date>`${before.toISOString()}::timestamptz`)
      .executeTakeFirst();
    return Number(result.numDeletedRows);
  }
}

/** The column's new value. Switched off twice, an endpoint keeps the first moment. */
function disabledAt(active: boolean | undefined, now: string): RawBuilder<string | null> {
  if (active === undefined) return sql.ref<string | null>("disabled_at");
  return active ? sql`null` : sql`coalesce(disabled_at, ${now}::timestamptz)`;
}

/** Ends what waits for an endpoint without sending it. */
export async function failWaiting(
  tx: Kysely<Tables>,
  endpointId: string,
  reason: string,
  now: string,
): Promise<void> {
  await tx
    .updateTable("webhook_events")
    .set({ state: "failed", reason, ended_at: now })
    .where("endpoint_id", "=", endpointId)
    .where("state", "=", "queued")
    .execute();
}

/** Other replicas learn that endpoints came or went. */
async function notifyChanged(tx: Kysely<Tables>): Promise<void> {
  await sql`select pg_notify(${webhooksChanged}, '')`.execute(tx);
}

function toEndpoint(row: Selectable<Tables["webhook_endpoints"]>): WebhookEndpoint {
  return {
    id: row.id,
    url: row.url,
    events: row.events as WebhookEventType[],
    active: row.disabled_at === null,
    createdAt: row.created_at.toISOString(),
  };
}

function toDelivery(row: Selectable<Tables["webhook_events"]>): WebhookDelivery {
  return {
    id: row.id,
    seq: Number(row.seq),
    type: row.type,
    state: row.state,
    attempts: row.attempts,
    data: row.body,
    createdAt: row.created_at.toISOString(),
    ...withoutNulls({ reason: row.reason, endedAt: row.ended_at?.toISOString() ?? null }),
  };
}
