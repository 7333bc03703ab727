import { afterEach, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "../../../src/storage/database.ts";
import { migrateDatabase } from "../../../src/storage/migrate.ts";
import {
  describePostgres,
  openTemporaryPglite,
  openTemporaryPostgres,
  type TemporaryDatabase,
} from "../../support/databases.ts";

const everyStep = ["0001-knowledge", "0002-conversations", "0003-road", "0004-rehearsals"];

let temporary: TemporaryDatabase | undefined;

afterEach(async () => {
  await temporary?.remove();
  temporary = undefined;
});

async function tableNames({ db }: Database): Promise<string[]> {
  return (await db.introspection.getTables()).map((table) => table.name).sort();
}

const executed = ({ db }: Database) =>
  db.withTables<{ kysely_migration: { name: string; timestamp: string } }>();

function migrationTests(openTemporary: () => Promise<TemporaryDatabase>): void {
  it("an empty database gets every table, and migrating again does nothing", async () => {
    temporary = await openTemporary();
    const { database } = temporary;
    expect(await migrateDatabase(database.db)).toEqual(everyStep);
    expect(await tableNames(database)).toEqual([
      "active_generation",
      "addresses",
      "api_keys",
      "attachments",
      "chunks",
      "contacts",
      "conversations",
      "deliveries",
      "document_versions",
      "documents",
      "doors",
      "embeddings",
      "event_log",
      "files_to_remove",
      "former_chunks",
      "generation_documents",
      "generation_events",
      "generations",
      "hand_over_requests",
      "lanes",
      "messages",
      "visitors",
      "webhook_endpoints",
      "webhook_events",
    ]);
    expect(await migrateDatabase(database.db)).toEqual([]);
  });

  it("a database of a newer release is refused and left as it is", async () => {
    temporary = await openTemporary();
    const { database } = temporary;
    await migrateDatabase(database.db);
    await executed(database)
      .insertInto("kysely_migration")
      .values({ name: "9999-from-the-future", timestamp: "2030-01-01T00:00:00.000Z" })
      .execute();
    const before = await tableNames(database);
    await expect(migrateDatabase(database.db)).rejects.toMatchObject({
      code: "storage.schema_newer",
      message: expect.stringContaining("9999-from-the-future"),
    });
    expect(await tableNames(database)).toEqual(before);
  });

  it("a step that fails leaves nothing behind and is named", async () => {
    temporary = await openTemporary();
    const { database } = temporary;
    await database.db.schema.createTable("visitors").addColumn("id", "text").execute();
    await expect(migrateDatabase(database.db)).rejects.toMatchObject({
      code: "storage.unavailable",
      message: expect.stringContaining("0002-conversations"),
    });
    expect(await tableNames(database)).toEqual(["visitors"]);
  });
}

describe("on PGlite", () => migrationTests(openTemporaryPglite));

describePostgres("on PostgreSQL", () => {
  migrationTests(openTemporaryPostgres);

  it("of three replicas that start at once, one migrates and the others wait", async () => {
    temporary = await openTemporaryPostgres();
    const { databaseUrl = "" } = temporary;
    const replicas = await Promise.all([1, 2, 3].map(() => openDatabase({ dataDir: "", databaseUrl })));
    const ran = await Promise.all(replicas.map((replica) => migrateDatabase(replica.db)));
    await Promise.all(replicas.map((replica) => replica.close()));
    expect(ran.flat()).toEqual(everyStep);
  });
});
