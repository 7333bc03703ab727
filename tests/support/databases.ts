import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { sql } from "kysely";
import pg from "pg";
import { afterAll, describe } from "vitest";
import { messageOf } from "../../src/errors.ts";
import { type Database, openDatabase } from "../../src/storage/database.ts";
import { migrateDatabase } from "../../src/storage/migrate.ts";
import { type DatabaseContent, newDataFolder } from "./data-folder.ts";

/** The server on which tests make databases of their own; `TEST_POSTGRES_URL` names another one. */
const postgresUrl = process.env.TEST_POSTGRES_URL || "postgres://postgres@127.0.0.1:5432/postgres";

/** Why the tests that need PostgreSQL cannot run; undefined where they can. */
export const postgresMissing = await whyPostgresIsMissing();

/**
 * Defines the same tests for every kind of database. `open` gives one migrated database a test file, emptied at
 * every call: opening the embedded one takes two seconds.
 */
export function forEachDatabase(define: (name: string, open: () => Promise<Database>) => void): void {
  describeOnPglite((open) => define("PGlite", open));
  describePostgres("on PostgreSQL", () => {
    define("PostgreSQL", sharedDatabase(openTemporaryPostgres));
  });
}

/** As `forEachDatabase`, for tests that are about something else and take the database that every machine has. */
export function describeOnPglite(define: (open: () => Promise<Database>) => void): void {
  describe("on PGlite", () => {
    define(sharedDatabase(() => openTemporaryPglite("migrated")));
  });
}

/** `describe` for tests that need PostgreSQL: skipped, with the printed reason, where none answers. */
export function describePostgres(name: string, define: () => void): void {
  if (postgresMissing === undefined) {
    describe(name, define);
  } else {
    describe.skip(`${name} (${postgresMissing})`, define);
  }
}

/** A database and what removes it; not migrated unless it says so. */
export interface TemporaryDatabase {
  readonly database: Database;
  /** How another process or connection reaches the same database. */
  readonly databaseUrl?: string;
  remove(): Promise<void>;
}

export async function openTemporaryPglite(content: DatabaseContent = "empty"): Promise<TemporaryDatabase> {
  const dataDir = await newDataFolder(content);
  const database = await openDatabase({ dataDir });
  return {
    database,
    remove: async () => {
      await database.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export async function openTemporaryPostgres(): Promise<TemporaryDatabase> {
  const name = `niangjia_test_${randomBytes(6).toString("hex")}`;
  await onServer(`create database ${name}`);
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  const database = await openDatabase({ dataDir: tmpdir(), databaseUrl: url.href });
  return {
    database,
    databaseUrl: url.href,
    remove: async () => {
      await database.close();
      await onServer(`drop database ${name} with (force)`);
    },
  };
}

function sharedDatabase(openTemporary: () => Promise<TemporaryDatabase>): () => Promise<Database> {
  let shared: Promise<TemporaryDatabase> | undefined;
  afterAll(async () => {
    await (await shared)?.remove();
  });
  return async () => {
    if (shared === undefined) {
      shared = openTemporary();
      await migrateDatabase((await shared).database.db);
    }
    const { database } = await shared;
    await emptyTables(database);
    return database;
  };
}

/** Every row in one statement, so that no order between tables matters: a truncation takes a hundred times as long. */
async function emptyTables({ db }: Database): Promise<void> {
  const tables = await db.introspection.getTables();
  const deletions = tables.map(
    ({ name }) => sql`${sql.id(`of_${name}`)} as (delete from ${sql.table(name)})`,
  );
  await sql`with ${sql.join(deletions)} select 1`.execute(db);
  await sql`select setval(format('%I.%I', schemaname, sequencename), start_value, false)
    from pg_sequences where last_value is not null`.execute(db);
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function whyPostgresIsMissing(): Promise<string | undefined> {
  try {
    await onServer("select 1");
    return undefined;
  } catch (error) {
    const { host } = new URL(postgresUrl);
    const reason = `PostgreSQL does not answer on ${host}: ${messageOf(error)}`;
    process.stderr.write(`Tests on PostgreSQL are skipped. ${reason}\n`);
    return reason;
  }
}
