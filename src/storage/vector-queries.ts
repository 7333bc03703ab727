import type { Kysely } from "kysely";
import { batches, takeTurns } from "./batches.ts";
import { anyOf } from "./sql-values.ts";
import type { Tables } from "./tables.ts";
import { bytesToVector, vectorToBytes } from "./vector-bytes.ts";

/** Text hashes that one statement reads. */
const readSize = 1_000;

export async function loadVectors(
  db: Kysely<Tables>,
  embedder: string,
  textHashes: readonly string[],
): Promise<Map<string, Float32Array>> {
  const vectors = new Map<string, Float32Array>();
  for (const batch of batches(textHashes, readSize)) {
    await takeTurns();
    const rows = await db
      .selectFrom("embeddings")
      .select(["text_hash", "vector"])
      .where("embedder", "=", embedder)
      .where("text_hash", "=", anyOf(batch))
      .execute();
    for (const row of rows) {
      vectors.set(row.text_hash, bytesToVector(row.vector));
    }
  }
  return vectors;
}

/** A vector that is stored already stays: the indexes that were built from it remain true. */
export async function saveVectors(
  db: Kysely<Tables>,
  embedder: string,
  vectors: ReadonlyMap<string, Float32Array>,
): Promise<void> {
  for (const batch of batches([...vectors])) {
    await takeTurns();
    await db
      .insertInto("embeddings")
      .values(batch.map(([hash, vector]) => ({ embedder, text_hash: hash, vector: vectorToBytes(vector) })))
      .onConflict((conflict) => conflict.columns(["embedder", "text_hash"]).doNothing())
      .execute();
  }
}
