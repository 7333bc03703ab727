import type { Dialect } from "kysely";

/** Rows of whatever statements a library brings along. */
export interface ForeignRows {
  readonly rows: Record<string, unknown>[];
}

/** One kind of database behind Kysely, open and answering. Destroying its Kysely closes it. */
export interface DatabaseEngine {
  readonly dialect: Dialect;
  listen(channel: string, fn: (payload: string) => void): Promise<() => Promise<void>>;
  stopListening(): Promise<void>;
  execute(text: string, values?: readonly unknown[]): Promise<ForeignRows>;
}
