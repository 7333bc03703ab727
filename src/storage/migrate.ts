import type { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { AppError, messageOf } from "../errors.ts";
import { knowledgeMigration } from "./migrations/0001-knowledge.ts";
import { conversationsMigration } from "./migrations/0002-conversations.ts";
import { roadMigration } from "./migrations/0003-road.ts";
import { rehearsalsMigration } from "./migrations/0004-rehearsals.ts";
import type { Tables } from "./tables.ts";

/** Every step of the schema under its file's name. A step that was released is never changed. */
const migrations: Readonly<Record<string, Migration>> = {
  "0001-knowledge": knowledgeMigration,
  "0002-conversations": conversationsMigration,
  "0003-road": roadMigration,
  "0004-rehearsals": rehearsalsMigration,
};

/**
 * Brings the schema to the newest version that this release knows, in one transaction, and returns the names
 * of the steps that ran. Of several processes that start at once on PostgreSQL, one migrates and the others
 * wait for it. Throws `storage.schema_newer` where a newer release has migrated the database already, and
 * `storage.unavailable` where a step fails.
 */
export async function migrateDatabase(db: Kysely<Tables>): Promise<string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) {
    return (results ?? []).map((result) => result.migrationName);
  }
  if (error instanceof AppError) {
    throw error;
  }
  const unknown = await unknownMigrations(db);
  if (unknown.length > 0) {
    throw new AppError(
      "storage.schema_newer",
      `The database was migrated by a newer release (${unknown.join(", ")} is unknown here). Start that ` +
        "release, or restore the backup that was made before the upgrade.",
      { cause: error, details: { unknown } },
    );
  }
  const failed = results?.find((result) => result.status === "Error")?.migrationName;
  const step = failed === undefined ? "" : ` at ${failed}`;
  throw new AppError(
    "storage.unavailable",
    `The database could not be migrated${step}: ${messageOf(error)}`,
    {
      cause: error,
    },
  );
}

async function unknownMigrations(db: Kysely<Tables>): Promise<string[]> {
  const rows = await db
    .withTables<{ kysely_migration: { name: string } }>()
    .selectFrom("kysely_migration")
    .select("name")
    .orderBy("name")
    .execute()
    // Where the table was never made, the failure came before it and is the one to report.
    .catch(() => []);
  return rows.map((row) => row.name).filter((name) => !(name in migrations));
}
