import { type Kysely, type Selectable, sql } from "kysely";
import type { GenerationRow, KeptGeneration, ManifestEntry } from "../knowledge/knowledge-store.ts";
import { anyOf } from "./sql-values.ts";
import type { Tables } from "./tables.ts";

/**
 * Lets one writer of generations pass at a time until the transaction ends, so that a version cannot be dropped
 * as an orphan while a manifest that names it is being written. Readers are not held up.
 */
export async function lockGenerations(tx: Kysely<Tables>): Promise<void> {
  await sql`lock table generations in share row exclusive mode`.execute(tx);
}

/**
 * The documents that may be answered from, each in its current version: what the active generation contains
 * and what was not withdrawn since that generation was registered.
 */
export function liveVersions(db: Kysely<Tables>) {
  return db
    .selectFrom("active_generation as active")
    .innerJoin("generation_documents as entry", "entry.generation_id", "active.generation_id")
    .innerJoin("documents as document", (join) =>
      join
        .onRef("document.id", "=", "entry.document_id")
        .onRef("document.live_from", "<=", "active.generation_id"),
    );
}

/** Which of these versions exist, with the number of their chunks; the others are left out. */
export async function storedVersions(db: Kysely<Tables>, entries: readonly ManifestEntry[]) {
  const wanted = new Set(entries.map(keyOf));
  const rows = await db
    .selectFrom("document_versions")
    .select(["document_id as documentId", "content_hash as contentHash", "chunk_count as chunks"])
    .where("document_id", "=", anyOf(entries.map((entry) => entry.documentId)))
    .execute();
  return rows.filter((row) => wanted.has(keyOf(row)));
}

/** One text for one version of one document. */
export function keyOf({ documentId, contentHash }: ManifestEntry): string {
  return `${documentId} ${contentHash}`;
}

export async function findActiveGeneration(db: Kysely<Tables>): Promise<GenerationRow | undefined> {
  const row = await db
    .selectFrom("generations")
    .innerJoin("active_generation", "active_generation.generation_id", "generations.id")
    .selectAll("generations")
    .executeTakeFirst();
  return row && toGeneration(row);
}

/** Newest first. */
export async function listKeptGenerations(db: Kysely<Tables>): Promise<KeptGeneration[]> {
  const rows = await db
    .selectFrom("generations")
    .leftJoin("active_generation as active", (join) => join.onTrue())
    .selectAll("generations")
    .select(["active.generation_id as active_id", "active.former_id"])
    .orderBy("generations.id", "desc")
    .execute();
  return rows.map((row) => ({
    ...toGeneration(row),
    standing: row.id === row.active_id ? "active" : row.id === row.former_id ? "former" : "kept",
  }));
}

function toGeneration(row: Selectable<Tables["generations"]>): GenerationRow {
  return {
    id: row.id,
    embedder: row.embedder,
    documents: row.document_count,
    chunks: row.chunk_count,
    createdAt: row.created_at.toISOString(),
  };
}

/** Deletes all but the newest `keep` generations, never the active or the former one; returns their ids. */
export async function deleteOldGenerations(tx: Kysely<Tables>, keep: number): Promise<number[]> {
  const rows = await tx
    .deleteFrom("generations")
    .where("id", "not in", (eb) =>
      eb.selectFrom("generations").select("id").orderBy("id", "desc").limit(keep),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("active_generation as active")
            .select("active.id")
            .where((eb) =>
              eb.or([
                eb("active.generation_id", "=", eb.ref("generations.id")),
                eb("active.former_id", "=", eb.ref("generations.id")),
              ]),
            ),
        ),
      ),
    )
    .returning("id")
    .execute();
  return rows.map((row) => row.id).sort((one, other) => one - other);
}

/**
 * Deletes the versions, with their chunks, that no generation contains. Which document a chunk was of is kept: answers
 * that cite it can still be found.
 */
export async function deleteOrphanedVersions(tx: Kysely<Tables>): Promise<void> {
  await sql`
    with orphan as materialized (
      select document_id, content_hash from document_versions as version
      where not exists (
        select from generation_documents as entry
        where entry.document_id = version.document_id and entry.content_hash = version.content_hash
      )
    ), kept as (
      insert into former_chunks (chunk_id, document_id)
      select chunk.id, chunk.document_id
      from orphan join chunks as chunk using (document_id, content_hash)
      on conflict (chunk_id) do nothing
    )
    delete from document_versions as version using orphan
    where version.document_id = orphan.document_id and version.content_hash = orphan.content_hash`.execute(
    tx,
  );
}
