import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { runStatements } from "./run-statements.ts";

const statements = [
  `create table documents (
    id text primary key,
    live_from integer
  )`,
  `create table document_versions (
    document_id text not null references documents,
    content_hash text not null,
    file_hash text not null,
    origin text not null check (origin in ('library', 'added')),
    path text not null,
    title text not null,
    kind text not null check (kind in ('guide', 'law', 'document', 'local')),
    topic text,
    region text not null,
    audience jsonb not null,
    sources jsonb not null,
    published text,
    effective text,
    repealed text,
    repealed_by text,
    verified text,
    questions jsonb not null,
    text text not null,
    sections jsonb not null,
    warnings jsonb not null,
    chunk_count integer not null,
    saved_at timestamptz not null,
    primary key (document_id, content_hash)
  )`,
  `create table chunks (
    id text primary key,
    document_id text not null,
    content_hash text not null,
    ordinal integer not null,
    section integer not null,
    path jsonb not null,
    label text,
    page integer,
    text text not null,
    unique (document_id, content_hash, ordinal),
    foreign key (document_id, content_hash) references document_versions on delete cascade
  )`,
  `create table embeddings (
    embedder text not null,
    text_hash text not null,
    vector bytea not null,
    primary key (embedder, text_hash)
  )`,
  `create table generations (
    id integer generated always as identity primary key,
    embedder text not null,
    document_count integer not null,
    chunk_count integer not null,
    created_at timestamptz not null
  )`,
  `create table generation_documents (
    generation_id integer not null references generations on delete cascade,
    document_id text not null,
    content_hash text not null,
    primary key (generation_id, document_id),
    foreign key (document_id, content_hash) references document_versions
  )`,
  // Serves the foreign key above when orphaned versions are dropped.
  "create index generation_documents_version on generation_documents (document_id, content_hash)",
  `create table active_generation (
    id smallint primary key default 1 check (id = 1),
    generation_id integer not null references generations,
    former_id integer references generations
  )`,
];

/** Documents with their versions and chunks, vectors, and index generations. */
export const knowledgeMigration: Migration = {
  up: (db: Kysely<unknown>) => runStatements(db, statements),
};
