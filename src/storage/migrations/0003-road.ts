import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { runStatements } from "./run-statements.ts";

const statements = [
  `alter table conversations
    add column surface text not null default 'private' check (surface in ('private', 'group')),
    add column origin text,
    add column notice_given_at timestamptz,
    add column busy_told_at timestamptz,
    add column unreachable text`,
  // Serve the deletion of conversations.
  "create index visitors_of_conversation on visitors (conversation_id)",
  "create index conversations_of_contact on conversations (contact_id)",
  "create index conversations_in_order on conversations (created_at, id)",
  // The one table with platform ids. `sealed` is encrypted where ENCRYPTION_KEY is set.
  `create table addresses (
    channel text not null,
    key_hash text not null,
    conversation_id text primary key references conversations on delete cascade,
    sealed text not null,
    created_at timestamptz not null,
    erase_after timestamptz
  )`,
  // Who asked to be forgotten begins anew, although the old address waits for its receipt.
  "create unique index addresses_of_contact on addresses (channel, key_hash) where erase_after is null",
  "create index addresses_to_erase on addresses (erase_after) where erase_after is not null",
  // `armed_at` is null where nothing new came since the last claim.
  `create table lanes (
    kind text not null,
    key text not null,
    due_at timestamptz,
    armed_at timestamptz,
    leased_by text,
    leased_until timestamptz,
    token bigint not null default 0,
    attempts integer not null default 0,
    primary key (kind, key)
  ) with (fillfactor = 70)`,
  "create index lanes_due on lanes (kind, due_at) where due_at is not null",
  `insert into lanes (kind, key, due_at, armed_at)
    select 'turn', conversations.id, waiting.due_at, waiting.due_at
    from conversations left join lateral (
      select now() as due_at from messages
      where messages.conversation_id = conversations.id and sender = 'contact' and answered_at is null limit 1
    ) as waiting on true`,
  `alter table messages
    add column quick_replies jsonb,
    add column set_aside text,
    add column deleted_at timestamptz`,
  "create index messages_set_aside on messages (seq) where set_aside is not null",
  "create index messages_waiting on messages (conversation_id, seq) where sender = 'contact' and answered_at is null",
  "drop index messages_unanswered",
  `create table attachments (
    id text primary key,
    message_id text references messages on delete cascade,
    conversation_id text not null references conversations on delete cascade,
    ordinal integer not null,
    kind text not null check (kind in ('photo', 'voice', 'video', 'file', 'location', 'sticker')),
    state text not null check (state in ('announced', 'stored', 'refused')),
    reason text,
    name text,
    mime_type text,
    size bigint,
    hash text,
    reference text,
    location jsonb,
    text text,
    received_at timestamptz not null
  )`,
  "create index attachments_of_message on attachments (message_id, ordinal)",
  "create index attachments_of_conversation on attachments (conversation_id)",
  `create table deliveries (
    message_id text primary key references messages on delete cascade,
    -- Goes with its message: a reference of its own would be looked up at every deletion.
    conversation_id text not null,
    channel text not null,
    seq bigint not null,
    state text not null check (state in ('queued', 'sending', 'sent', 'failed', 'dropped', 'unknown')),
    reason text,
    attempts integer not null default 0,
    unknowns integer not null default 0,
    parts_sent integer not null default 0,
    repeated boolean not null default false,
    platform_ids jsonb not null default '[]',
    queued_at timestamptz not null,
    ended_at timestamptz
  )`,
  "create index deliveries_waiting on deliveries (conversation_id, seq) where state in ('queued', 'sending')",
  // What was deleted at a contact's wish or by age leaves its file's name here until the file is gone.
  `create table files_to_remove (
    id text primary key,
    since timestamptz not null
  )`,
  // What happened, without personal data: it stays when a contact is forgotten.
  `create table event_log (
    id bigint generated always as identity primary key,
    type text not null,
    channel text,
    details jsonb not null default '{}',
    at timestamptz not null
  )`,
  `create table doors (
    code text primary key,
    district text,
    station text,
    label text,
    created_at timestamptz not null
  )`,
  `create table api_keys (
    id text primary key,
    name text not null,
    key_hash text not null unique,
    scopes jsonb not null,
    created_at timestamptz not null,
    revoked_at timestamptz
  )`,
  `create table webhook_endpoints (
    id text primary key,
    url text not null,
    sealed_secret text not null,
    events jsonb not null,
    created_at timestamptz not null,
    disabled_at timestamptz
  )`,
  `create table webhook_events (
    id text primary key,
    seq bigint generated always as identity,
    endpoint_id text not null references webhook_endpoints on delete cascade,
    type text not null,
    body jsonb not null,
    state text not null default 'queued' check (state in ('queued', 'sent', 'failed')),
    reason text,
    attempts integer not null default 0,
    created_at timestamptz not null,
    ended_at timestamptz
  )`,
  "create index webhook_events_waiting on webhook_events (endpoint_id, seq) where state = 'queued'",
];

/** The durable road: addresses, lanes, attachments, the ledger, doors, API keys and webhooks. */
export const roadMigration: Migration = {
  up: (db: Kysely<unknown>) => runStatements(db, statements),
};
