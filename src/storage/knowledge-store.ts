import type { Kysely } from "kysely";
import { AppError } from "../errors.ts";
import type { Chunk } from "../knowledge/chunk.ts";
import type { GenerationEvent, NewGenerationEvent } from "../knowledge/generation-event.ts";
import type {
  CitingAnswers,
  CitingQuestion,
  DocumentSummary,
  GenerationRow,
  KeptGeneration,
  KnowledgeStore,
  ManifestEntry,
  StoredVersion,
} from "../knowledge/knowledge-store.ts";
import type { PolicyDocument } from "../knowledge/policy-document.ts";
import { batches } from "./batches.ts";
import { findCitingAnswers } from "./citing-answers.ts";
import { documentColumns, summaryColumns, toChunk, toDocument, toSummary } from "./document-rows.ts";
import { insertEvent, listEvents, lockActive } from "./generation-events.ts";
import {
  deleteOldGenerations,
  deleteOrphanedVersions,
  findActiveGeneration,
  keyOf,
  listKeptGenerations,
  liveVersions,
  lockGenerations,
  storedVersions,
} from "./generation-queries.ts";
import { anyOf } from "./sql-values.ts";
import type { Tables } from "./tables.ts";
import { loadVectors, saveVectors } from "./vector-queries.ts";
import { saveVersions } from "./version-queries.ts";

/**
 * Documents and index generations in SQL. The current version of a document is the one in the active
 * generation's manifest; nothing else records it, so activation and rollback are one row each.
 *
 * `documents.live_from` holds withdrawals: null while withdrawn, else the smallest generation that may serve.
 * A new document starts at 0. Saving a withdrawn one again takes the next number of the generations' own
 * sequence: every generation registered later may serve it, no older one ever will, whatever is activated or
 * rolled back.
 */
export class SqlKnowledgeStore implements KnowledgeStore {
  readonly #db: Kysely<Tables>;
  readonly #now: () => Date;

  constructor({ db, now }: { db: Kysely<Tables>; now: () => Date }) {
    this.#db = db;
    this.#now = now;
  }

  async listDocuments(): Promise<DocumentSummary[]> {
    const rows = await liveVersions(this.#db)
      .innerJoin("document_versions as version", (join) =>
        join
          .onRef("version.document_id", "=", "entry.document_id")
          .onRef("version.content_hash", "=", "entry.content_hash"),
      )
      .select(summaryColumns.map((column) => `version.${column}` as const))
      .orderBy("version.document_id")
      .execute();
    return rows.map(toSummary);
  }

  saveVersions(versions: readonly StoredVersion[]): Promise<void> {
    return saveVersions(this.#db, versions, this.#now());
  }

  async withdraw(documentIds: readonly string[]): Promise<number> {
    const row = await this.#db
      .with("withdrawn", (db) =>
        db
          .updateTable("documents")
          .set({ live_from: null })
          .where("id", "=", anyOf(documentIds))
          .where("live_from", "is not", null)
          .returning("id"),
      )
      .selectFrom("withdrawn")
      // Reads the state before the update, as every part of one statement does.
      .where("withdrawn.id", "in", liveVersions(this.#db).select("document.id"))
      .select((eb) => eb.fn.countAll<string | number>().as("live"))
      .executeTakeFirstOrThrow();
    return Number(row.live);
  }

  async liveDocuments(documentIds: readonly string[]): Promise<Set<string>> {
    const rows = await liveVersions(this.#db)
      .where("document.id", "=", anyOf(documentIds))
      .select("document.id")
      .execute();
    return new Set(rows.map((row) => row.id));
  }

  /** Throws `knowledge.document_unknown` where the manifest names a version that was never saved. */
  async createGeneration(embedder: string, manifest: readonly ManifestEntry[]): Promise<number> {
    return this.#db.transaction().execute(async (tx) => {
      await lockGenerations(tx);
      const versions = await storedVersions(tx, manifest);
      const known = new Set(versions.map(keyOf));
      const unknown = manifest.find((entry) => !known.has(keyOf(entry)));
      if (unknown !== undefined) {
        throw new AppError(
          "knowledge.document_unknown",
          `Version ${unknown.contentHash} of document ${unknown.documentId} is not stored; run the reload again.`,
        );
      }
      const { id } = await tx
        .insertInto("generations")
        .values({
          embedder,
          document_count: versions.length,
          chunk_count: versions.reduce((sum, version) => sum + version.chunks, 0),
          created_at: this.#now().toISOString(),
        })
        .returning("id")
        .executeTakeFirstOrThrow();
      for (const batch of batches(manifest)) {
        await tx
          .insertInto("generation_documents")
          .values(
            batch.map((entry) => ({
              generation_id: id,
              document_id: entry.documentId,
              content_hash: entry.contentHash,
            })),
          )
          .execute();
      }
      return id;
    });
  }

  /** Activating the active generation again changes nothing. Throws `knowledge.reload_failed` for an unknown one. */
  async activateGeneration(
    generationId: number,
    expected: number | undefined,
    event: NewGenerationEvent,
  ): Promise<void> {
    await this.#db.transaction().execute(async (tx) => {
      // The lock keeps the generation from being pruned between this check and its activation, and lets one writer
      // of the first active generation pass at a time.
      await lockGenerations(tx);
      const found = await tx
        .selectFrom("generations")
        .select("id")
        .where("id", "=", generationId)
        .executeTakeFirst();
      if (found === undefined) {
        throw new AppError(
          "knowledge.reload_failed",
          `Index generation ${generationId} does not exist (any more).`,
        );
      }
      const active = await lockActive(tx);
      if (active === generationId) return;
      if (active !== expected) throw overtaken();
      await tx
        .insertInto("active_generation")
        .values({ generation_id: generationId, former_id: null })
        .onConflict((conflict) =>
          conflict.column("id").doUpdateSet((eb) => ({
            former_id: eb.ref("active_generation.generation_id"),
            generation_id: eb.ref("excluded.generation_id"),
          })),
        )
        .execute();
      await insertEvent(tx, generationId, event, this.#now());
    });
  }

  activeGeneration(): Promise<GenerationRow | undefined> {
    return findActiveGeneration(this.#db);
  }

  listGenerations(): Promise<KeptGeneration[]> {
    return listKeptGenerations(this.#db);
  }

  async rollBackGeneration(expected: number, by?: string): Promise<GenerationRow | undefined> {
    return this.#db.transaction().execute(async (tx) => {
      if ((await lockActive(tx)) !== expected) throw overtaken();
      const swapped = await tx
        .updateTable("active_generation")
        .set((eb) => ({ generation_id: eb.ref("former_id").$notNull(), former_id: eb.ref("generation_id") }))
        .where("former_id", "is not", null)
        .returning("generation_id")
        .executeTakeFirst();
      if (swapped === undefined) return undefined;
      const event = { event: "rolled_back", against: expected, ...(by === undefined ? {} : { by }) } as const;
      await insertEvent(tx, swapped.generation_id, event, this.#now());
      return findActiveGeneration(tx);
    });
  }

  recordEvent(generationId: number, event: NewGenerationEvent): Promise<void> {
    return insertEvent(this.#db, generationId, event, this.#now());
  }

  history(most: number, generationId?: number): Promise<GenerationEvent[]> {
    return listEvents(this.#db, most, generationId);
  }

  async manifest(generationId: number): Promise<ManifestEntry[]> {
    return this.#db
      .selectFrom("generation_documents")
      .select(["document_id as documentId", "content_hash as contentHash"])
      .where("generation_id", "=", generationId)
      .orderBy("document_id")
      .execute();
  }

  async loadGeneration(generationId: number): Promise<StoredVersion[]> {
    const versions = await this.#db
      .selectFrom("generation_documents as entry")
      .innerJoin("document_versions as version", (join) =>
        join
          .onRef("version.document_id", "=", "entry.document_id")
          .onRef("version.content_hash", "=", "entry.content_hash"),
      )
      .select(documentColumns.map((column) => `version.${column}` as const))
      .where("entry.generation_id", "=", generationId)
      .orderBy("version.document_id")
      .execute();
    const chunks = await this.#chunksOf(generationId);
    return versions.map((row) => {
      const document = toDocument(row);
      return { document, chunks: chunks.get(document.id) ?? [], fileHash: row.file_hash };
    });
  }

  async #chunksOf(generationId: number): Promise<Map<string, Chunk[]>> {
    const rows = await this.#db
      .selectFrom("generation_documents as entry")
      .innerJoin("chunks as chunk", (join) =>
        join
          .onRef("chunk.document_id", "=", "entry.document_id")
          .onRef("chunk.content_hash", "=", "entry.content_hash"),
      )
      .selectAll("chunk")
      .where("entry.generation_id", "=", generationId)
      .orderBy("chunk.document_id")
      .orderBy("chunk.ordinal")
      .execute();
    return Map.groupBy(rows.map(toChunk), (chunk) => chunk.documentId);
  }

  async pruneGenerations(keep: number): Promise<number[]> {
    return this.#db.transaction().execute(async (tx) => {
      await lockGenerations(tx);
      const dropped = await deleteOldGenerations(tx, keep);
      await deleteOrphanedVersions(tx);
      return dropped;
    });
  }

  async findChunk(chunkId: string): Promise<{ chunk: Chunk; document: PolicyDocument } | undefined> {
    const chunk = await this.#db
      .selectFrom("chunks")
      .selectAll()
      .where("id", "=", chunkId)
      .executeTakeFirst();
    if (chunk === undefined) {
      return undefined;
    }
    const version = await this.#db
      .selectFrom("document_versions")
      .selectAll()
      .where("document_id", "=", chunk.document_id)
      .where("content_hash", "=", chunk.content_hash)
      .executeTakeFirst();
    return version && { chunk: toChunk(chunk), document: toDocument(version) };
  }

  citingAnswers(
    documents: readonly { readonly id: string; readonly title: string }[],
    question: CitingQuestion,
  ): Promise<CitingAnswers[]> {
    return findCitingAnswers(this.#db, documents, question);
  }

  loadVectors(embedder: string, textHashes: readonly string[]): Promise<Map<string, Float32Array>> {
    return loadVectors(this.#db, embedder, textHashes);
  }

  saveVectors(embedder: string, vectors: ReadonlyMap<string, Float32Array>): Promise<void> {
    return saveVectors(this.#db, embedder, vectors);
  }
}

const overtaken = () =>
  new AppError("knowledge.reload_running", "另一个服务刚刚更新了资料，请再试一次", {
    details: { overtaken: true },
  });
