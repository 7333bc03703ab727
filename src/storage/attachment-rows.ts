import type { Insertable, Kysely, Selectable } from "kysely";
import type { Attachment, InboundAttachment } from "../messaging/message.ts";
import type { RefusalReason } from "../messaging/refusal-reason.ts";
import { anyOf, withoutNulls } from "./sql-values.ts";
import { jsonText } from "./storable-text.ts";
import type { Tables } from "./tables.ts";

export type AttachmentRow = Selectable<Tables["attachments"]>;
export type NewAttachmentRow = Insertable<Tables["attachments"]>;

/** The stored message that attachments come with. */
export interface AttachedMessage {
  readonly id: string;
  readonly conversation_id: string;
}

export interface AttachOptions {
  readonly newId: () => string;
  readonly now: () => Date;
}

/** Characters of a name or a type that are kept. */
const longestName = 200;

/** Control characters, marks that turn the direction of what follows, and what separates folders. */
const unfitForNames = /[\p{Cc}\u200E\u200F\u202A-\u202E\u2066-\u2069/\\]/gu;

export function toAttachment(row: AttachmentRow): Attachment {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    ...withoutNulls({
      reason: row.reason,
      name: row.name,
      mimeType: row.mime_type,
      // `bigint`: pg reads it as text.
      size: row.size === null ? null : Number(row.size),
      hash: row.hash,
      reference: row.reference,
      location: row.location,
      text: row.text,
    }),
  };
}

/** The rows of what came with a message, in its order; an upload named twice is one. */
export function newAttachmentRows(
  message: AttachedMessage,
  inbound: readonly InboundAttachment[],
  { newId, now }: AttachOptions,
): NewAttachmentRow[] {
  const received_at = now().toISOString();
  const uploads = inbound.map(({ stored }) => stored?.id);
  const distinct = inbound.filter(
    ({ stored }, at) => stored === undefined || uploads.indexOf(stored.id) === at,
  );
  return distinct.map((attachment, ordinal) => ({
    id: attachment.stored?.id ?? newId(),
    message_id: message.id,
    conversation_id: message.conversation_id,
    ordinal,
    kind: attachment.kind,
    ...stateOf(attachment),
    name: fileName(attachment.name),
    mime_type: textOf(attachment.mimeType)?.slice(0, longestName) ?? null,
    size: bytesOf(attachment.stored?.size ?? attachment.size),
    hash: attachment.stored?.hash ?? null,
    reference: attachment.reference ?? null,
    location: attachment.location === undefined ? null : jsonText(attachment.location),
    received_at,
  }));
}

/**
 * Stores what came with a message, within the caller's transaction. An upload that waits for its message is tied to
 * it and keeps what was found out about it; one of another conversation, or tied to a message already, is left as
 * it is.
 */
export async function attachToMessage(
  tx: Kysely<Tables>,
  message: AttachedMessage,
  inbound: readonly InboundAttachment[],
  options: AttachOptions,
): Promise<void> {
  if (inbound.length === 0) return;
  await tx
    .insertInto("attachments")
    .values(newAttachmentRows(message, inbound, options))
    .onConflict((conflict) =>
      conflict
        .column("id")
        .doUpdateSet(({ ref }) => ({ message_id: message.id, ordinal: ref("excluded.ordinal") }))
        .where("attachments.message_id", "is", null)
        .where("attachments.conversation_id", "=", message.conversation_id),
    )
    .execute();
}

/** The attachments of messages, by message, each in the order of its message; messages without any are absent. */
export async function attachmentsOf(
  db: Kysely<Tables>,
  messageIds: readonly string[],
): Promise<Map<string, Attachment[]>> {
  const found = new Map<string, Attachment[]>();
  if (messageIds.length === 0) return found;
  const rows = await db
    .selectFrom("attachments")
    .selectAll()
    .where("message_id", "=", anyOf(messageIds))
    .orderBy("message_id")
    .orderBy("ordinal")
    .execute();
  for (const row of rows) {
    const messageId = row.message_id ?? "";
    found.set(messageId, [...(found.get(messageId) ?? []), toAttachment(row)]);
  }
  return found;
}

/** A file's own name as it is stored and shown: without folders and tricks, its end kept; null where none is left. */
export function fileName(name: string | undefined): string | null {
  const cleaned = (textOf(name) ?? "").toWellFormed().replace(unfitForNames, "_").trim();
  return cleaned === "" ? null : cleaned.slice(-longestName);
}

// A platform's numbers and names are not always what it documents: a whole batch must not fail for one of them.
const textOf = (value: unknown) => (typeof value === "string" ? value : undefined);
const bytesOf = (size: unknown) => (Number.isSafeInteger(size) && Number(size) >= 0 ? Number(size) : null);

function stateOf(attachment: InboundAttachment): Pick<NewAttachmentRow, "state" | "reason"> {
  if (attachment.refused !== undefined) return { state: "refused", reason: attachment.refused };
  // A location is its own content.
  if (attachment.stored !== undefined || attachment.location !== undefined) return { state: "stored" };
  if (attachment.reference !== undefined) return { state: "announced" };
  return { state: "refused", reason: "unsupported" satisfies RefusalReason };
}
