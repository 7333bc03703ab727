import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { PGlite, types } from "@electric-sql/pglite";
import { PGliteDialect, type PGliteDialectConfig } from "kysely";
import type { DatabaseEngine, ForeignRows } from "./database-engine.ts";
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
  return {
    dialect: new PGliteDialect({ pglite: safePglite(pglite, place) }),
    listen: (channel, fn) => pglite.listen(channel, fn),
    // Listeners of PGlite live in this process and end with it.
    stopListening: async () => {},
    execute: (text, values) => execute(pglite, text, values),
  };
}

/** Statements with a transaction of their own get the connection for themselves until it is rolled back too. */
async function execute(pglite: PGlite, text: string, values: readonly unknown[] = []): Promise<ForeignRows> {
  if (values.length > 0) {
    return pglite.query<Record<string, unknown>>(text, storableParameters(values));
  }
  const results = /\bbegin\b/i.test(text)
    ? await pglite.transaction((tx) => tx.exec(text))
    : await pglite.exec(text);
  return { rows: results.flatMap((result) => result.rows) };
}

async function versionOf(pglite: PGlite): Promise<string> {
  const { rows } = await pglite.query<{ version: string }>("select version()");
  return rows[0]?.version ?? "";
}

/** PGlite with storable parameters and translated failures. */
function safePglite(pglite: PGlite, place: DatabasePlace): DialectPglite {
  const safe =
    (query: Query): Query =>
    async (text, parameters = [], options) => {
      try {
        return await query(text, storableParameters(parameters), options);
      } catch (error) {
        throw isConnectionLoss(error) ? databaseUnavailable(place, error) : error;
      }
    };
  return {
    get closed() {
      return pglite.closed;
    },
    get ready() {
      return pglite.ready;
    },
    waitReady: pglite.waitReady,
    close: () => pglite.close(),
    query: safe(pglite.query.bind(pglite) as Query),
    transaction: (callback) =>
      pglite.transaction((tx) =>
        callback({ query: safe(tx.query.bind(tx) as Query), rollback: () => tx.rollback() }),
      ) as ReturnType<typeof callback>,
  };
}
