import type { Kysely, Selectable } from "kysely";
import type { ApiKey, ApiKeyStore, ApiScope } from "../integrations/api-key.ts";
import { jsonText } from "./storable-text.ts";
import type { Tables } from "./tables.ts";

/** Keys of other systems in SQL: their hashes, never the keys. */
export class SqlApiKeyStore implements ApiKeyStore {
  readonly #db: Kysely<Tables>;

  constructor({ db }: { db: Kysely<Tables> }) {
    this.#db = db;
  }

  async save({ id, name, scopes, createdAt, revokedAt }: ApiKey, hash: string): Promise<void> {
    await this.#db
      .insertInto("api_keys")
      .values({
        id,
        name,
        key_hash: hash,
        scopes: jsonText(scopes),
        created_at: createdAt,
        revoked_at: revokedAt ?? null,
      })
      .execute();
  }

  async findValid(hash: string): Promise<ApiKey | undefined> {
    const row = await this.#db
      .selectFrom("api_keys")
      .selectAll()
      .where("key_hash", "=", hash)
      .where("revoked_at", "is", null)
      .executeTakeFirst();
    return row === undefined ? undefined : toApiKey(row);
  }

  async list(): Promise<ApiKey[]> {
    const rows = await this.#db
      .selectFrom("api_keys")
      .selectAll()
      .orderBy("created_at", "desc")
      .orderBy("id")
      .execute();
    return rows.map(toApiKey);
  }

  async revoke(id: string, at: Date): Promise<boolean> {
    const revoked = await this.#db
      .updateTable("api_keys")
      .set({ revoked_at: at.toISOString() })
      .where("id", "=", id)
      .where("revoked_at", "is", null)
      .returning("id")
      .executeTakeFirst();
    return revoked !== undefined;
  }
}

function toApiKey(row: Selectable<Tables["api_keys"]>): ApiKey {
  return {
    id: row.id,
    name: row.name,
    scopes: row.scopes as ApiScope[],
    createdAt: row.created_at.toISOString(),
    ...(row.revoked_at === null ? {} : { revokedAt: row.revoked_at.toISOString() }),
  };
}
