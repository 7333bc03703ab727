import type { Chunk } from "./chunk.ts";
import type { GenerationEvent, NewGenerationEvent } from "./generation-event.ts";
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

/** A generation that the database still holds. */
export interface KeptGeneration extends GenerationRow {
  readonly standing: "active" | "former" | "kept";
}

/** The stored answers that cite a document, in whatever version. */
export interface CitingAnswers {
  readonly documentId: string;
  readonly title: string;
  readonly answers: number;
  readonly conversations: number;
  /** The conversations, the latest first, as many as were asked for. */
  readonly latest: readonly {
    readonly conversationId: string;
    readonly answers: number;
    readonly last: string;
  }[];
  /** ISO timestamps. */
  readonly first: string;
  readonly last: string;
}

export interface CitingQuestion {
  /** ISO date or timestamp: no answers before it. */
  readonly since?: string;
  /** Conversations that are named. */
  readonly named: number;
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
   * Makes a ready generation the active one, remembers the former for rollback, makes the manifest's versions the
   * current ones, and records why, in one transaction. Throws `knowledge.reload_running` where another one than
   * `expected` is active by then.
   */
  activateGeneration(
    generationId: number,
    expected: number | undefined,
    event: NewGenerationEvent,
  ): Promise<void>;
  activeGeneration(): Promise<GenerationRow | undefined>;
  /** Newest first. */
  listGenerations(): Promise<KeptGeneration[]>;
  /**
   * Swaps active and former generation and records it, in one transaction; undefined where there is no former one.
   * Throws `knowledge.reload_running` where another one than `expected` is active by then.
   */
  rollBackGeneration(expected: number, by?: string): Promise<GenerationRow | undefined>;
  recordEvent(generationId: number, event: NewGenerationEvent): Promise<void>;
  /**
   * What became of generations, newest first; also of such as are not kept any more. Reports come without their
   * answers, unless one generation is asked for.
   */
  history(most: number, generationId?: number): Promise<GenerationEvent[]>;
  manifest(generationId: number): Promise<ManifestEntry[]>;
  /** Loads the versions of a generation with their chunks, document by document. */
  loadGeneration(generationId: number): Promise<StoredVersion[]>;
  /** Drops all but the newest `keep` generations (never the active or the former one) and orphaned versions. */
  pruneGenerations(keep: number): Promise<number[]>;

  /** Chunk with its document's summary, for opening a citation; also of a version that no longer serves. */
  findChunk(chunkId: string): Promise<{ chunk: Chunk; document: PolicyDocument } | undefined>;

  /** Which answers cite these documents; a document that none cites is left out. */
  citingAnswers(
    documents: readonly { readonly id: string; readonly title: string }[],
    question: CitingQuestion,
  ): Promise<CitingAnswers[]>;

  /** Vectors by text hash for one embedder version; never mixed with another's. */
  loadVectors(embedder: string, textHashes: readonly string[]): Promise<Map<string, Float32Array>>;
  saveVectors(embedder: string, vectors: ReadonlyMap<string, Float32Array>): Promise<void>;
}
