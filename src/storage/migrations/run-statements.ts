import { type Kysely, sql } from "kysely";

/** Runs statements in order; each is sent alone because prepared statements hold one command. */
export async function runStatements(db: Kysely<unknown>, statements: readonly string[]): Promise<void> {
  for (const statement of statements) {
    await sql.raw(statement).execute(db);
  }
}
