import type { Chunk } from "./chunk.ts";
import type { PolicyDocument } from "./policy-document.ts";

/** What is known of a document without its text. */
export type DocumentSummary = Omit<PolicyDocument, "text" | "sections" | "questions"> & {
  readonly chunks: number;
  /** Hash of the file's bytes: the same file need not be read again. */
  readonly fileHash: string;
  readonly updatedAt: string;
};

export interface StoredVersion {
  readonly document: PolicyDocument;
  readonly chunks: readonly Chunk[];
  readonly fileHash: string;
}

/** One version of one document inside a generation. */
export interface ManifestEntry {
  readonly documentId: string;
  readonly contentHash: string;
}

export interface GenerationRow {
  readonly id: number;
  readonly embedder: string;
  readonly documents: number;
  readonly chunks: number;
  readonly createdAt: string;
}

/**
 * The truth about documents and index generations. An index on disk can always be made again from it.
 * Documents have versions (content hashes); a generation is a fixed set of versions; one generation is active.
 */
export interface KnowledgeStore {
  /** Every document that is not withdrawn, in its current version. */
  listDocuments(): Promise<DocumentSummary[]>;
  /** Writes versions, each whole with its chunks, in small batches; writing the same version again changes nothing. */
  saveVersions(versions: readonly StoredVersion[]): Promise<void>;
  /** Takes documents out at once and for good, whatever generation serves. Returns how many were live. */
  withdraw(documentIds: readonly string[]): Promise<number>;
  /** Which of these documents may be answered from now. */
  liveDocuments(documentIds: readonly string[]): Promise<Set<string>>;

  /** Registers a generation that is not yet active and returns its id. */
  createGeneration(embedder: string, manifest: readonly ManifestEntry[]): Promise<number>;
  /**
   * Makes a ready generation the active one, remembers the former for rollback, and makes the manifest's
   * versions the current ones, in one transaction.
   */
  activateGeneration(generationId: number): Promise<void>;
  activeGeneration(): Promise<GenerationRow | undefined>;
  /** Swaps active and former generation; undefined where there is no former one. */
  rollBackGeneration(): Promise<GenerationRow | undefined>;
  manifest(generationId: number): Promise<ManifestEntry[]>;
  /** Loads the versions of a generation with their chunks, document by document. */
  loadGeneration(generationId: number): Promise<StoredVersion[]>;
  /** Drops all but the newest `keep` generations (never the active or the former one) and orphaned versions. */
  pruneGenerations(keep: number): Promise<number[]>;

  /** Chunk with its document's summary, for opening a citation; also of a version that no longer serves. */
  findChunk(chunkId: string): Promise<{ chunk: Chunk; document: PolicyDocument } | undefined>;

  /** Vectors by text hash for one embedder version; never mixed with another's. */
  loadVectors(embedder: string, textHashes: readonly string[]): Promise<Map<string, Float32Array>>;
  saveVectors(embedder: string, vectors: ReadonlyMap<string, Float32Array>): Promise<void>;
}
