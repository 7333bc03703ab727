import { type Kysely, sql } from "kysely";
import { AppError } from "../errors.ts";
import { batchSize, takeTurns } from "./batches.ts";
import { addressIn, type KeyedSealer, plainPrefix } from "./sealer.ts";
import { anyOf } from "./sql-values.ts";
import type { Tables } from "./tables.ts";

/** How many rows were written anew. */
export interface Resealed {
  readonly addresses: number;
  readonly secrets: number;
}

/**
 * Writes every platform id and secret anew that this sealer did not write: plain ones, after a key was set, and
 * those of `former`, after the key was changed. Run at every start, before a channel receives anything: the look-up
 * hash changes with the key, and a contact not found would begin a second conversation. It goes in small
 * transactions; one that was interrupted is taken up by the next start. Of several replicas one works at a time.
 * Throws `config.invalid`, having changed nothing, where a value was sealed with a key that neither has.
 */
export async function reseal(
  db: Kysely<Tables>,
  sealer: KeyedSealer,
  former?: KeyedSealer,
): Promise<Resealed> {
  const readable = [sealer.prefix, plainPrefix, ...(former === undefined ? [] : [former.prefix])];
  await refuseForeignKey(db, readable);
  const by = { sealer, open: opener(sealer, former) };
  return {
    addresses: await repeat(db, (tx) => resealAddresses(tx, by)),
    secrets: await repeat(db, (tx) => resealSecrets(tx, by)),
  };
}

interface Resealing {
  readonly sealer: KeyedSealer;
  readonly open: KeyedSealer;
}

/** Opens with the key that a value was sealed with. */
function opener(sealer: KeyedSealer, former: KeyedSealer | undefined): KeyedSealer {
  if (former === undefined) {
    return sealer;
  }
  return {
    ...sealer,
    open: (sealed) => (sealed.startsWith(former.prefix) ? former.open(sealed) : sealer.open(sealed)),
  };
}

async function refuseForeignKey(db: Kysely<Tables>, readable: readonly string[]): Promise<void> {
  const unknown = (column: "sealed" | "sealed_secret") =>
    sql<boolean>`not exists (select from unnest(${readable}::text[]) as prefix
      where starts_with(${sql.ref(column)}, prefix))`;
  const address = await db
    .selectFrom("addresses")
    .select("channel")
    .where(unknown("sealed"))
    .limit(1)
    .executeTakeFirst();
  const secret = await db
    .selectFrom("webhook_endpoints")
    .select("id")
    .where(unknown("sealed_secret"))
    .limit(1)
    .executeTakeFirst();
  if (address !== undefined || secret !== undefined) {
    throw new AppError(
      "config.invalid",
      "The database holds platform ids or secrets that were sealed with another key: set ENCRYPTION_KEY to the " +
        "key that was in use.",
    );
  }
}

async function repeat(db: Kysely<Tables>, batch: (tx: Kysely<Tables>) => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    const count = await db.transaction().execute(async (tx) => {
      // Two replicas that start at once would otherwise wait for rows and then find none left to do.
      await sql`select pg_advisory_xact_lock(hashtext('niangjia reseal'))`.execute(tx);
      return batch(tx);
    });
    if (count === 0) {
      return total;
    }
    total += count;
    await takeTurns();
  }
}

async function resealAddresses(tx: Kysely<Tables>, { sealer, open }: Resealing): Promise<number> {
  const rows = await tx
    .selectFrom("addresses")
    .select(["conversation_id as id", "channel", "sealed", "erase_after"])
    .where(sql<boolean>`not starts_with(sealed, ${sealer.prefix})`)
    .orderBy("created_at")
    .limit(batchSize)
    .forUpdate()
    .execute();
  // Of two rows for one contact the newest stays: it is the conversation that is going on.
  const renewed = new Map<string, { id: string; hash: string; sealed: string }>();
  for (const { id, channel, sealed, erase_after } of rows) {
    const text = open.open(sealed);
    // What waits to be erased is not looked up any more.
    const hash = erase_after === null ? sealer.hash(channel, addressIn(text).key) : "";
    renewed.set(hash || id, { id, hash, sealed: sealer.seal(text) });
  }
  const changes = [...renewed.values()];
  await sql`
    update addresses set key_hash = new.hash, sealed = new.sealed
    from unnest(${changes.map(({ id }) => id)}::text[], ${changes.map(({ hash }) => hash)}::text[],
      ${changes.map(({ sealed }) => sealed)}::text[]) as new (id, hash, sealed)
    where conversation_id = new.id and (erase_after is not null or not exists (
      select from addresses as taken
      where taken.channel = addresses.channel and taken.key_hash = new.hash and taken.erase_after is null
    ))`.execute(tx);
  // What is left belongs to a contact who has a conversation under the new key already.
  await tx
    .deleteFrom("addresses")
    .where("conversation_id", "=", anyOf(rows.map(({ id }) => id)))
    .where(sql<boolean>`not starts_with(sealed, ${sealer.prefix})`)
    .execute();
  return rows.length;
}

async function resealSecrets(tx: Kysely<Tables>, { sealer, open }: Resealing): Promise<number> {
  const rows = await tx
    .selectFrom("webhook_endpoints")
    .select(["id", "sealed_secret"])
    .where(sql<boolean>`not starts_with(sealed_secret, ${sealer.prefix})`)
    .limit(batchSize)
    .forUpdate()
    .execute();
  for (const { id, sealed_secret } of rows) {
    await tx
      .updateTable("webhook_endpoints")
      .set({ sealed_secret: sealer.seal(open.open(sealed_secret)) })
      .where("id", "=", id)
      .execute();
  }
  return rows.length;
}
