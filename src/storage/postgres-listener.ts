import type { Client } from "pg";
import type { StorageLogger } from "./storage-logger.ts";
import { type DatabasePlace, databaseUnavailable } from "./unavailable.ts";

type Listener = (payload: string) => void;

/** Milliseconds between two attempts to connect again. */
const retryAfter = 1_000;

/**
 * LISTEN on one connection of its own, opened at the first listener. When it breaks it is made again until it
 * stands; what was sent meanwhile is lost.
 */
export class PostgresListener {
  readonly #newClient: () => Client;
  readonly #place: DatabasePlace;
  readonly #logger: StorageLogger | undefined;
  readonly #listeners = new Map<string, Set<Listener>>();
  #client: Promise<Client> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(newClient: () => Client, place: DatabasePlace, logger?: StorageLogger) {
    this.#newClient = newClient;
    this.#place = place;
    this.#logger = logger;
  }

  async listen(channel: string, fn: Listener): Promise<() => Promise<void>> {
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(fn));
    try {
      this.#client ??= this.#connect();
      const client = await this.#client;
      await client.query(`listen ${client.escapeIdentifier(channel)}`);
    } catch (cause) {
      listeners.delete(fn);
      throw databaseUnavailable(this.#place, cause);
    }
    return async () => {
      listeners.delete(fn);
      if (listeners.size === 0 && this.#listeners.delete(channel)) {
        const client = await this.#client?.catch(() => undefined);
        await client?.query(`unlisten ${client.escapeIdentifier(channel)}`).catch(() => undefined);
      }
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#listeners.clear();
    const client = await this.#client?.catch(() => undefined);
    await client?.end();
  }

  async #connect(): Promise<Client> {
    const client = this.#newClient();
    client.on("notification", ({ channel, payload }) => {
      for (const fn of this.#listeners.get(channel) ?? []) {
        fn(payload ?? "");
      }
    });
    client.on("error", (error) =>
      this.#logger?.warn({ err: error }, "the listening database connection broke"),
    );
    try {
      await client.connect();
      for (const channel of this.#listeners.keys()) {
        await client.query(`listen ${client.escapeIdentifier(channel)}`);
      }
    } catch (error) {
      this.#client = undefined;
      await client.end().catch(() => undefined);
      throw error;
    }
    client.once("end", () => this.#reconnect());
    return client;
  }

  #reconnect(): void {
    if (this.#closed) {
      return;
    }
    this.#client = undefined;
    this.#retry = setTimeout(() => {
      this.#client ??= this.#connect();
      this.#client.catch(() => this.#reconnect());
    }, retryAfter);
    this.#retry.unref();
  }
}
