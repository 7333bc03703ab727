import type { ColumnType, Generated } from "kysely";
import type { GroundedAnswer } from "../answering/grounded-answer.ts";
import type { GenerationEventName } from "../knowledge/generation-event.ts";
import type { DocumentKind, DocumentOrigin, Section, Source } from "../knowledge/policy-document.ts";
import type { RehearsalReport } from "../knowledge/rehearsal/rehearsal-report.ts";
import type { Surface } from "../messaging/conversation.ts";
import type { DeliveryState } from "../messaging/delivery.ts";
import type { AttachmentKind, AttachmentState, Location, Rating, Sender } from "../messaging/message.ts";

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

interface GenerationEventsTable {
  id: Generated<number>;
  event: GenerationEventName;
  generation_id: number;
  against_id: number | null;
  reason: string | null;
  by_whom: string | null;
  report: Json<RehearsalReport> | null;
  at: Timestamp;
}

interface FormerChunksTable {
  chunk_id: string;
  document_id: string;
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
  surface: Generated<Surface>;
  origin: string | null;
  notice_given_at: Timestamp | null;
  busy_told_at: Timestamp | null;
  /** Why nothing can be sent to this contact; null: something can. */
  unreachable: string | null;
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
  quick_replies: Json<string[]> | null;
  /** Why it could not be answered: shown to the admin. */
  set_aside: string | null;
  /** When its author took it back: text and files are gone. */
  deleted_at: Timestamp | null;
}

/** `bigint`: pg reads it as text, PGlite as a number. */
type BigNumber = ColumnType<string | number, number | undefined, number>;

interface AddressesTable {
  channel: string;
  key_hash: string;
  conversation_id: string;
  sealed: string;
  created_at: Timestamp;
  /** Set when the contact asked to be forgotten: the address goes with the receipt, at the latest then. */
  erase_after: Timestamp | null;
}

interface LanesTable {
  kind: string;
  key: string;
  due_at: Timestamp | null;
  armed_at: Timestamp | null;
  leased_by: string | null;
  leased_until: Timestamp | null;
  token: BigNumber;
  attempts: Generated<number>;
}

interface AttachmentsTable {
  id: string;
  /** Null: uploaded, not yet sent with a message. */
  message_id: string | null;
  conversation_id: string;
  ordinal: number;
  kind: AttachmentKind;
  state: AttachmentState;
  reason: string | null;
  name: string | null;
  mime_type: string | null;
  size: ColumnType<string | number | null, number | null, number | null>;
  hash: string | null;
  reference: string | null;
  location: Json<Location> | null;
  text: string | null;
  received_at: Timestamp;
}

interface DeliveriesTable {
  message_id: string;
  conversation_id: string;
  channel: string;
  seq: BigNumber;
  state: DeliveryState;
  reason: string | null;
  attempts: Generated<number>;
  unknowns: Generated<number>;
  parts_sent: Generated<number>;
  repeated: Generated<boolean>;
  platform_ids: ColumnType<string[], string | undefined, string>;
  queued_at: Timestamp;
  ended_at: Timestamp | null;
}

interface FilesToRemoveTable {
  id: string;
  since: Timestamp;
}

interface EventLogTable {
  id: ColumnType<string | number, never, never>;
  type: string;
  channel: string | null;
  details: ColumnType<Record<string, unknown>, string | undefined, string>;
  at: Timestamp;
}

interface DoorsTable {
  code: string;
  district: string | null;
  station: string | null;
  label: string | null;
  created_at: Timestamp;
}

interface ApiKeysTable {
  id: string;
  name: string;
  key_hash: string;
  scopes: Json<string[]>;
  created_at: Timestamp;
  revoked_at: Timestamp | null;
}

interface WebhookEndpointsTable {
  id: string;
  url: string;
  sealed_secret: string;
  events: Json<string[]>;
  created_at: Timestamp;
  disabled_at: Timestamp | null;
}

interface WebhookEventsTable {
  id: string;
  seq: ColumnType<string | number, never, never>;
  endpoint_id: string;
  type: string;
  body: Json<Record<string, unknown>>;
  state: Generated<"queued" | "sent" | "failed">;
  reason: string | null;
  attempts: Generated<number>;
  created_at: Timestamp;
  ended_at: Timestamp | null;
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
  generation_events: GenerationEventsTable;
  former_chunks: FormerChunksTable;
  contacts: ContactsTable;
  conversations: ConversationsTable;
  visitors: VisitorsTable;
  messages: MessagesTable;
  hand_over_requests: HandOverRequestsTable;
  addresses: AddressesTable;
  lanes: LanesTable;
  attachments: AttachmentsTable;
  deliveries: DeliveriesTable;
  files_to_remove: FilesToRemoveTable;
  event_log: EventLogTable;
  doors: DoorsTable;
  api_keys: ApiKeysTable;
  webhook_endpoints: WebhookEndpointsTable;
  webhook_events: WebhookEventsTable;
}
