import type { ColumnType, Generated } from "kysely";
import type { GroundedAnswer } from "../answering/grounded-answer.ts";
import type { DocumentKind, DocumentOrigin, Section, Source } from "../knowledge/policy-document.ts";
import type { Rating, Sender } from "../messaging/message.ts";

/** A `jsonb` column: read as a value, written as JSON text made by `jsonText`. */
type Json<T> = ColumnType<T, string, string>;

/** A `timestamptz` column: read as a `Date`, written as an ISO timestamp. */
type Timestamp = ColumnType<Date, string, string>;

interface DocumentsTable {
  id: string;
  /**
   * The smallest generation that may serve this document; null while it is withdrawn. A document answers when
   * the active generation contains it and is not older than this.
   */
  live_from: number | null;
}

interface DocumentVersionsTable {
  document_id: string;
  content_hash: string;
  file_hash: string;
  origin: DocumentOrigin;
  path: string;
  title: string;
  kind: DocumentKind;
  topic: string | null;
  region: string;
  audience: Json<string[]>;
  sources: Json<Source[]>;
  /** Dates of law are text, whole or partial (`2012-12-28`, `2012`): no time zone can move them. */
  published: string | null;
  effective: string | null;
  repealed: string | null;
  repealed_by: string | null;
  verified: string | null;
  questions: Json<string[]>;
  text: string;
  sections: Json<Section[]>;
  warnings: Json<string[]>;
  chunk_count: number;
  saved_at: Timestamp;
}

interface ChunksTable {
  id: string;
  document_id: string;
  content_hash: string;
  ordinal: number;
  section: number;
  path: Json<string[]>;
  label: string | null;
  page: number | null;
  text: string;
}

interface EmbeddingsTable {
  embedder: string;
  text_hash: string;
  /** Little-endian 32-bit floats, one after the other. */
  vector: Uint8Array;
}

interface GenerationsTable {
  id: Generated<number>;
  embedder: string;
  document_count: number;
  chunk_count: number;
  created_at: Timestamp;
}

interface GenerationDocumentsTable {
  generation_id: number;
  document_id: string;
  content_hash: string;
}

/** Has one row as soon as a generation was activated, and none before. */
interface ActiveGenerationTable {
  id: Generated<number>;
  generation_id: number;
  former_id: number | null;
}

interface ContactsTable {
  id: string;
  created_at: Timestamp;
}

interface ConversationsTable {
  id: string;
  contact_id: string;
  channel: string;
  created_at: Timestamp;
}

interface VisitorsTable {
  token_hash: string;
  conversation_id: string;
  created_at: Timestamp;
}

interface MessagesTable {
  id: string;
  /** `bigint`: pg reads it as text, PGlite as a number. */
  seq: ColumnType<string | number, never, never>;
  conversation_id: string;
  external_id: string | null;
  sender: Sender;
  text: string;
  answer: Json<GroundedAnswer> | null;
  reply_to: string | null;
  rating: Rating | null;
  created_at: Timestamp;
  /** For a contact's message: when its turn ended; null while it waits. */
  answered_at: Timestamp | null;
}

interface HandOverRequestsTable {
  id: string;
  conversation_id: string;
  message_id: string;
  reasons: Json<string[]>;
  created_at: Timestamp;
}

/** The schema after the last migration, as Kysely sees it. */
export interface Tables {
  documents: DocumentsTable;
  document_versions: DocumentVersionsTable;
  chunks: ChunksTable;
  embeddings: EmbeddingsTable;
  generations: GenerationsTable;
  generation_documents: GenerationDocumentsTable;
  active_generation: ActiveGenerationTable;
  contacts: ContactsTable;
  conversations: ConversationsTable;
  visitors: VisitorsTable;
  messages: MessagesTable;
  hand_over_requests: HandOverRequestsTable;
}
