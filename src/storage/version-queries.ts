import { type Kysely, sql } from "kysely";
import type { StoredVersion } from "../knowledge/knowledge-store.ts";
import { batches, batchSize, takeTurns } from "./batches.ts";
import { chunkRow, versionRow } from "./document-rows.ts";
import { keyOf } from "./generation-queries.ts";
import type { Tables } from "./tables.ts";

/**
 * Writes versions with their chunks: each whole or not at all, several small ones in one transaction. A version that
 * is stored already stays as it is.
 */
export async function saveVersions(
  db: Kysely<Tables>,
  versions: readonly StoredVersion[],
  savedAt: Date,
): Promise<void> {
  for (const group of groupsOf(versions)) {
    await takeTurns();
    await db.transaction().execute((tx) => saveGroup(tx, group, savedAt));
  }
}

/** Runs of versions whose rows fit about one statement; a longer version is a run of its own. */
function* groupsOf(versions: readonly StoredVersion[]): Generator<StoredVersion[]> {
  const distinct = new Map(versions.map((version) => [keyOfVersion(version), version]));
  let group: StoredVersion[] = [];
  let rows = 0;
  for (const version of distinct.values()) {
    const own = 1 + version.chunks.length;
    if (group.length > 0 && rows + own > batchSize) {
      yield group;
      group = [];
      rows = 0;
    }
    group.push(version);
    rows += own;
  }
  if (group.length > 0) yield group;
}

async function saveGroup(
  tx: Kysely<Tables>,
  versions: readonly StoredVersion[],
  savedAt: Date,
): Promise<void> {
  // In one order everywhere, so that two processes which save the same documents never wait for each other.
  const ids = [...new Set(versions.map(({ document }) => document.id))].sort();
  await tx
    .insertInto("documents")
    .values(ids.map((id) => ({ id, live_from: 0 })))
    .onConflict((conflict) =>
      conflict
        .column("id")
        .doUpdateSet({ live_from: sql<number>`nextval(pg_get_serial_sequence('generations', 'id'))` })
        .where("documents.live_from", "is", null),
    )
    .execute();
  const inserted = await tx
    .insertInto("document_versions")
    .values(versions.map((version) => versionRow(version, savedAt)))
    .onConflict((conflict) => conflict.columns(["document_id", "content_hash"]).doNothing())
    .returning(["document_id as documentId", "content_hash as contentHash"])
    .execute();
  const fresh = new Set(inserted.map(keyOf));
  const chunks = versions.filter((version) => fresh.has(keyOfVersion(version))).flatMap((one) => one.chunks);
  for (const batch of batches(chunks)) {
    await tx.insertInto("chunks").values(batch.map(chunkRow)).execute();
  }
}

const keyOfVersion = ({ document: { id, contentHash } }: StoredVersion) =>
  keyOf({ documentId: id, contentHash });
