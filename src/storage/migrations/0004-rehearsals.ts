import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { runStatements } from "./run-statements.ts";

const statements = [
  // Outlives the generations that it tells of: those are cleared away.
  `create table generation_events (
    id integer generated always as identity primary key,
    event text not null check (event in ('first', 'passed', 'accepted', 'measured', 'refused', 'rolled_back')),
    generation_id integer not null,
    against_id integer,
    reason text,
    by_whom text,
    report jsonb,
    at timestamptz not null
  )`,
  // Which document a chunk was of whose version was cleared away: answers go on citing it.
  `create table former_chunks (
    chunk_id text primary key,
    document_id text not null
  )`,
  "create index former_chunks_of_document on former_chunks (document_id)",
  // Serves the question which answers cited a document. The list of what is not merged yet stays short.
  `create index messages_citing on messages
    using gin (jsonb_path_query_array(answer, '$.citations[*].chunkId')) with (gin_pending_list_limit = 256)`,
];

/** What became of each generation, with its rehearsal; and which answers cited a document. */
export const rehearsalsMigration: Migration = {
  up: (db: Kysely<unknown>) => runStatements(db, statements),
};
