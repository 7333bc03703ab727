import { type Kysely, sql } from "kysely";
import type { WebhookEventBody, WebhookEventType } from "../integrations/webhook-event.ts";
import { jsonText } from "./storable-text.ts";
import type { Tables } from "./tables.ts";

/**
 * The `Database.listen` channel that hears, after the commit, that an event waits for some endpoint, or that the
 * endpoints have changed.
 */
export const webhooksChanged = "webhooks_changed";

/**
 * Queues an event for every active webhook endpoint that wants it, in the transaction of what it tells of. One
 * statement; it writes nothing where nobody wants it. Call it while the conversation still exists and after its
 * message was stored: channel, origin and `seq` are read from there. The transaction must hold the conversation's
 * turn lane, so that its events have the order of what they tell of.
 *
 * It does not touch the endpoints' lanes: there all conversations would wait for each other's transactions, and
 * batches for one another. The webhook sender arms them when it hears `webhooksChanged`, and looks by itself now
 * and then.
 */
export async function insertWebhookEvents(
  tx: Kysely<Tables>,
  type: WebhookEventType,
  body: WebhookEventBody,
  now: Date,
): Promise<void> {
  await sql`
    with written as (
      insert into webhook_events (id, endpoint_id, type, body, created_at)
      select gen_random_uuid()::text, endpoint.id, ${type}::text,
        jsonb_strip_nulls(jsonb_build_object('channel', conversation.channel, 'origin', conversation.origin,
          'seq', message.seq)) || ${jsonText(body)}::jsonb,
        ${now.toISOString()}::timestamptz
      from webhook_endpoints as endpoint
      left join conversations as conversation on conversation.id = ${body.conversationId}
      left join messages as message on message.id = ${body.messageId ?? null}
      where endpoint.disabled_at is null and endpoint.events @> jsonb_build_array(${type}::text)
      -- Waits for an endpoint that is being removed, instead of failing with it.
      for key share of endpoint
      returning id
    )
    select pg_notify(${webhooksChanged}, '') from (select id from written limit 1) as any_written`.execute(
    tx,
  );
}
