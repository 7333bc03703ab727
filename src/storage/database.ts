import { Kysely } from "kysely";
import type { ForeignRows } from "./database-engine.ts";
import { openPglite } from "./pglite-engine.ts";
import { openPostgres } from "./postgres-engine.ts";
import type { StorageLogger } from "./storage-logger.ts";
import type { Tables } from "./tables.ts";

/** What tells one engine from the other: everything above it sees only Kysely. */
export const databaseKinds = ["pglite", "postgres"] as const;
export type DatabaseKind = (typeof databaseKinds)[number];

export interface Database {
  readonly db: Kysely<Tables>;
  readonly kind: DatabaseKind;
  /**
   * Calls `fn` with the payload of every `pg_notify` on the channel (lower-case letters, digits, underscores:
   * PGlite takes no others), from any process, after its transaction committed, and resolves to a function
   * that stops it. A notification sent while the connection is down is lost: a listener also polls, slowly.
   */
  listen(channel: string, fn: (payload: string) => void): Promise<() => Promise<void>>;
  /**
   * Runs SQL that a library brings along, for adapters of such libraries alone. Without values it may be several
   * statements, with a transaction of their own among them: one that fails leaves no transaction open.
   */
  execute(text: string, values?: readonly unknown[]): Promise<ForeignRows>;
  /** Waits for the queries under way, then closes. Closing again does nothing. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** The embedded database lives in `<dataDir>/database`; made when absent. */
  readonly dataDir: string;
  /** A PostgreSQL 15+ to use instead of the embedded one. */
  readonly databaseUrl?: string;
  readonly logger?: StorageLogger;
}

/**
 * Opens the database and makes sure that it answers; `migrateDatabase` comes next. The embedded one is one
 * connection and must be opened by one process only: own the data folder first (`ownDataDir`).
 * Throws `storage.unavailable` where it cannot be reached, and `storage.version_incompatible` where another
 * version wrote it.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const engine =
    options.databaseUrl === undefined
      ? await openPglite(options.dataDir)
      : await openPostgres(options.databaseUrl, options.logger);
  const db = new Kysely<Tables>({ dialect: engine.dialect });
  let closing: Promise<void> | undefined;
  return {
    db,
    kind: options.databaseUrl === undefined ? "pglite" : "postgres",
    listen: (channel, fn) => engine.listen(channel, fn),
    execute: (text, values) => engine.execute(text, values),
    close: () => {
      closing ??= engine.stopListening().then(() => db.destroy());
      return closing;
    },
  };
}

/** Whether the database answers. Throws where it cannot be reached. */
export async function pingDatabase({ db }: Pick<Database, "db">): Promise<boolean> {
  const rows = await db.selectNoFrom(({ lit }) => lit(1).as("one")).execute();
  return rows.length === 1;
}
