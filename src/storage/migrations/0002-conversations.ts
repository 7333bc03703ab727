import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { runStatements } from "./run-statements.ts";

const statements = [
  `create table contacts (
    id text primary key,
    created_at timestamptz not null
  )`,
  `create table conversations (
    id text primary key,
    contact_id text not null references contacts,
    channel text not null,
    created_at timestamptz not null
  )`,
  `create table visitors (
    token_hash text primary key,
    conversation_id text not null references conversations on delete cascade,
    created_at timestamptz not null
  )`,
  `create table messages (
    id text primary key,
    seq bigint generated always as identity unique,
    conversation_id text not null references conversations on delete cascade,
    external_id text,
    sender text not null check (sender in ('contact', 'bot', 'mediator', 'system')),
    text text not null,
    answer jsonb,
    reply_to text references messages on delete cascade,
    rating text check (rating in ('up', 'down')),
    created_at timestamptz not null,
    answered_at timestamptz,
    unique (conversation_id, external_id)
  )`,
  "create index messages_of_conversation on messages (conversation_id, seq)",
  "create index messages_replies on messages (reply_to) where reply_to is not null",
  "create index messages_unanswered on messages (seq) where sender = 'contact' and answered_at is null",
  `create table hand_over_requests (
    id text primary key,
    conversation_id text not null references conversations on delete cascade,
    message_id text not null unique references messages on delete cascade,
    reasons jsonb not null,
    created_at timestamptz not null
  )`,
  "create index hand_over_requests_of_conversation on hand_over_requests (conversation_id)",
];

/** Contacts, conversations, web visitors, messages with their turns, and requests for a person. */
export const conversationsMigration: Migration = {
  up: (db: Kysely<unknown>) => runStatements(db, statements),
};
