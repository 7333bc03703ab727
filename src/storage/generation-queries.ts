import { type Kysely, type Selectable, sql } from "kysely";
import type { GenerationRow, ManifestEntry } from "../knowledge/knowledge-store.ts";
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

/** Deletes the versions, with their chunks, that no generation contains. */
export async function deleteOrphanedVersions(tx: Kysely<Tables>): Promise<void> {
  await tx
    .deleteFrom("document_versions as version")
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("generation_documents as entry")
            .select("entry.generation_id")
            .whereRef("entry.document_id", "=", "version.document_id")
            .whereRef("entry.content_hash", "=", "version.content_hash"),
        ),
      ),
    )
    .execute();
}
