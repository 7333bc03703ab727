import type { Kysely } from "kysely";
import type { VisitorStore } from "../messaging/conversation-store.ts";
import type { Tables } from "./tables.ts";

/** Visitors' token hashes in SQL. Saving a token again moves it to the new conversation. */
export class SqlVisitorStore implements VisitorStore {
  readonly #db: Kysely<Tables>;
  readonly #now: () => Date;

  constructor({ db, now }: { db: Kysely<Tables>; now: () => Date }) {
    this.#db = db;
    this.#now = now;
  }

  async save(tokenHash: string, conversationId: string): Promise<void> {
    await this.#db
      .insertInto("visitors")
      .values({
        token_hash: tokenHash,
        conversation_id: conversationId,
        created_at: this.#now().toISOString(),
      })
      .onConflict((conflict) =>
        conflict.column("token_hash").doUpdateSet({ conversation_id: conversationId }),
      )
      .execute();
  }

  async conversationOf(tokenHash: string): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom("visitors")
      .select("conversation_id")
      .where("token_hash", "=", tokenHash)
      .executeTakeFirst();
    return row?.conversation_id;
  }
}
