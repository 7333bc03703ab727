import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { PGlite, types } from "@electric-sql/pglite";
import { PGliteDialect, type PGliteDialectConfig } from "kysely";
import type { DatabaseEngine, ForeignRows } from "./database-engine.ts";
import { PgliteConnection } from "./pglite-connection.ts";
import { PgliteFolder } from "./pglite-folder.ts";
import { storableParameters } from "./storable-text.ts";
import { type DatabasePlace, databaseUnavailable, isConnectionLoss } from "./unavailable.ts";

/** Kysely's view of PGlite: the smallest structural interface. */
type DialectPglite = Exclude<PGliteDialectConfig["pglite"], (...args: never[]) => unknown>;
type Query = DialectPglite["query"];

/** PGlite converts bytes digit by digit; this is several times faster for an index's vectors. */
const byteCodecs = {
  parsers: { [types.BYTEA]: (hex: string) => Buffer.from(hex.slice(2), "hex") },
  serializers: { [types.BYTEA]: (bytes: Uint8Array) => `\\x${Buffer.from(bytes).toString("hex")}` },
};

/** Opens the embedded PostgreSQL in `<dataDir>/database`. A first start takes about two seconds. */
export async function openPglite(dataDir: string): Promise<DatabaseEngine> {
  const folder = new PgliteFolder(resolve(dataDir));
  await mkdir(folder.root, { recursive: true, mode: 0o700 });
  await folder.prepare();
  const place: DatabasePlace = {
    description: `The embedded database in ${join(dataDir, "database")}`,
    hint: "Check that the folder is writable, its disk has room and no other process uses it.",
  };
  let pglite: PGlite;
  try {
    await folder.create();
    pglite = await PGlite.create(folder.database, byteCodecs);
    await folder.opened(await versionOf(pglite));
    // Nobody analyzes an embedded database, and pages are in memory: with the usual price of a page out of order the
    // planner reads and sorts everything that waits at every claim of a lane.
    await pglite.exec("set random_page_cost = 1.1");
  } catch (cause) {
    throw databaseUnavailable(place, cause);
  }
  const connection = new PgliteConnection(pglite);
  return {
    dialect: new PGliteDialect({ pglite: safePglite(pglite, connection, place) }),
    listen: (channel, fn) => pglite.listen(channel, fn),
    // Listeners of PGlite live in this process and end with it.
    stopListening: async () => {},
    execute: (text, values) => execute(connection, text, values),
  };
}

async function execute(
  connection: PgliteConnection,
  text: string,
  values: readonly unknown[] = [],
): Promise<ForeignRows> {
  if (values.length > 0) return connection.query(text, storableParameters(values));
  const results = await connection.script(text);
  return { rows: results.flatMap((result) => result.rows) };
}

async function versionOf(pglite: PGlite): Promise<string> {
  const { rows } = await pglite.query<{ version: string }>("select version()");
  return rows[0]?.version ?? "";
}

/** PGlite as Kysely sees it, with storable parameters and translated failures. */
function safePglite(pglite: PGlite, connection: PgliteConnection, place: DatabasePlace): DialectPglite {
  const safe = (query: PgliteConnection["query"]) =>
    (async (text, parameters = []) => {
      try {
        return await query(text, storableParameters(parameters));
      } catch (error) {
        throw isConnectionLoss(error) ? databaseUnavailable(place, error) : error;
      }
    }) as Query;
  return {
    get closed() {
      return pglite.closed;
    },
    get ready() {
      return pglite.ready;
    },
    waitReady: pglite.waitReady,
    close: () => pglite.close(),
    query: safe((text, values) => connection.query(text, values)),
    transaction: (callback) =>
      connection.transaction(({ query, rollback }) =>
        callback({ query: safe(query), rollback }),
      ) as ReturnType<typeof callback>,
  };
}
