import { type Kysely, sql } from "kysely";
import { jsonText } from "./storable-text.ts";
import type { Tables } from "./tables.ts";

/** What happened to the service, without personal data: it stays when a contact is forgotten. */
export interface LoggedEvent {
  /** Such as `channel.down`, `forgotten`. */
  readonly type: string;
  readonly channel?: string;
  readonly details: Readonly<Record<string, unknown>>;
  /** ISO timestamp. */
  readonly at: string;
}

/** The lasting record of what happened, in SQL. */
export class SqlEventLog {
  readonly #db: Kysely<Tables>;
  readonly #now: () => Date;

  constructor({ db, now }: { db: Kysely<Tables>; now: () => Date }) {
    this.#db = db;
    this.#now = now;
  }

  async add(
    type: string,
    { channel, details = {} }: { channel?: string; details?: Record<string, unknown> } = {},
  ): Promise<void> {
    const at = this.#now().toISOString();
    await this.#db
      .insertInto("event_log")
      .values({ type, channel: channel ?? null, details: jsonText(details), at })
      .execute();
  }

  /** The last event of these types for every channel that had one. */
  async lastByChannel(types: readonly string[]): Promise<LoggedEvent[]> {
    if (types.length === 0) return [];
    const { rows } = await sql<{
      type: string;
      channel: string;
      details: Record<string, unknown>;
      at: Date;
    }>`
      select distinct on (channel) type, channel, details, at from event_log
      where channel is not null and type in (${sql.join(types)}) order by channel, id desc`.execute(this.#db);
    return rows.map(({ at, ...row }) => ({ ...row, at: at.toISOString() }));
  }
}
