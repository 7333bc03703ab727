import { PostgresDialect, type PostgresPool, type PostgresPoolClient } from "kysely";
import pg from "pg";
import { AppError } from "../errors.ts";
import type { DatabaseEngine, ForeignRows } from "./database-engine.ts";
import { PostgresListener } from "./postgres-listener.ts";
import { storableParameters } from "./storable-text.ts";
import type { StorageLogger } from "./storage-logger.ts";
import { type DatabasePlace, databaseUnavailable, isConnectionLoss } from "./unavailable.ts";

/** Connections of one process to PostgreSQL, beside the one that listens. */
const poolSize = 10;

/** After this many milliseconds a connection that is not made counts as refused. */
const connectTimeout = 5_000;

/** The oldest PostgreSQL that the SQL is written and tested for. */
const oldestServer = 150_000;

/** Opens a pool on a PostgreSQL 15+ and makes sure that it answers. */
export async function openPostgres(databaseUrl: string, logger?: StorageLogger): Promise<DatabaseEngine> {
  const settings = {
    connectionString: databaseUrl,
    connectionTimeoutMillis: connectTimeout,
    keepAlive: true,
  };
  const place = placeOf(databaseUrl);
  const pool = new pg.Pool({ ...settings, max: poolSize });
  // The query under way fails by itself and the pool replaces what broke; unheard, these events would end the
  // process: the first is of idle connections, the second also of one between two queries of a transaction.
  pool.on("error", (error) => logger?.warn({ err: error }, "an idle database connection broke"));
  pool.on("connect", (client) => client.on("error", () => {}));
  const safe = safePool(pool, place);
  try {
    await checkServer(safe, place);
  } catch (error) {
    await pool.end();
    throw error;
  }
  const listener = new PostgresListener(() => new pg.Client(settings), place, logger);
  return {
    dialect: new PostgresDialect({ pool: safe }),
    listen: (channel, fn) => listener.listen(channel, fn),
    stopListening: () => listener.close(),
    execute: (text, values) => execute(pool, text, values),
  };
}

/** A connection on which something failed is given up: it may be in the middle of a transaction. */
async function execute(pool: pg.Pool, text: string, values: readonly unknown[] = []): Promise<ForeignRows> {
  const client = await pool.connect();
  let failed = true;
  try {
    // Without values pg sends the text as it is, and several statements give several results.
    const parameters = values.length > 0 ? storableParameters(values) : undefined;
    const result: pg.QueryResult | pg.QueryResult[] = await client.query(text, parameters);
    failed = false;
    return { rows: [result].flat().flatMap(({ rows }) => rows) };
  } finally {
    client.release(failed);
  }
}

function placeOf(databaseUrl: string): DatabasePlace {
  try {
    const { host, port, database } = new pg.Client({ connectionString: databaseUrl });
    return {
      description: `PostgreSQL at ${host}:${port} (database ${database})`,
      hint: "Check DATABASE_URL and that the server runs and lets this machine in.",
    };
  } catch {
    // The cause would carry the whole address, and with it the password.
    throw new AppError(
      "config.invalid",
      "DATABASE_URL is not an address like postgres://user:password@host:5432/name.",
    );
  }
}

async function checkServer(pool: PostgresPool, place: DatabasePlace): Promise<void> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ version: string }>(
      "select current_setting('server_version_num') as version",
      [],
    );
    const version = Number(rows[0]?.version);
    if (version < oldestServer) {
      throw new AppError(
        "storage.version_incompatible",
        `${place.description} is version ${Math.floor(version / 10_000)}; PostgreSQL 15 or newer is needed.`,
      );
    }
  } finally {
    client.release();
  }
}

/** The pool with storable parameters and translated failures, as Kysely wants it. */
function safePool(pool: pg.Pool, place: DatabasePlace): PostgresPool {
  return {
    options: pool.options,
    end: () => pool.end(),
    connect: async () => {
      try {
        return safeClient(await pool.connect(), place);
      } catch (error) {
        throw databaseUnavailable(place, error);
      }
    },
  };
}

function safeClient(client: pg.PoolClient, place: DatabasePlace): PostgresPoolClient {
  let broken = false;
  const query = async (text: string, parameters: readonly unknown[]) => {
    try {
      return await client.query(text, storableParameters(parameters));
    } catch (error) {
      if (!isConnectionLoss(error)) {
        throw error;
      }
      broken = true;
      throw databaseUnavailable(place, error);
    }
  };
  return {
    // Kysely's second form of `query` takes a cursor, which exists only where a cursor class is configured.
    query: query as unknown as PostgresPoolClient["query"],
    // The pool notices a lost connection only later, and would hand it out once more.
    release: (destroy) => client.release(destroy || broken),
  };
}
