import { randomBytes } from "node:crypto";
import pg from "pg";
import { type CutProxy, startCutProxy } from "./cut-proxy.ts";

export interface ChaosDatabase {
  /** Settings of the service that lead to it. */
  readonly settings: Readonly<Record<string, string>>;
  /** How it is reached without the proxy; on PGlite by its data folder. */
  readonly address: { readonly databaseUrl?: string };
  cut(): void;
  cuts(): number;
  close(): Promise<void>;
}

/** A database of its own on PostgreSQL behind a proxy that can be cut; on PGlite the data folder is the database. */
export async function openChaosDatabase(onPglite: boolean): Promise<ChaosDatabase> {
  if (onPglite) {
    return {
      settings: { DATABASE_URL: "" },
      address: {},
      cut: () => {},
      cuts: () => 0,
      close: async () => {},
    };
  }
  const server = process.env.CHAOS_POSTGRES_URL || "postgres://postgres@127.0.0.1:5432/postgres";
  const name = `niangjia_chaos_${randomBytes(4).toString("hex")}`;
  await onServer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const databaseUrl = url.href;
  const proxy: CutProxy = await startCutProxy(url.hostname, Number(url.port || 5432));
  url.host = `127.0.0.1:${proxy.port}`;
  return {
    settings: { DATABASE_URL: url.href },
    address: { databaseUrl },
    cut: () => proxy.cut(),
    cuts: () => proxy.cuts,
    close: async () => {
      await proxy.close();
      await onServer(server, `drop database ${name} with (force)`);
    },
  };
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
