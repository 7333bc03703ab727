import type { Dialect } from "kysely";

/** One kind of database behind Kysely, open and answering. Destroying its Kysely closes it. */
export interface DatabaseEngine {
  readonly dialect: Dialect;
  listen(channel: string, fn: (payload: string) => void): Promise<() => Promise<void>>;
  stopListening(): Promise<void>;
}
