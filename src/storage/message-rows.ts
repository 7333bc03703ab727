import { type Kysely, type Selectable, sql } from "kysely";
import type { Attachment, StoredMessage } from "../messaging/message.ts";
import { attachmentsOf } from "./attachment-rows.ts";
import { withoutNulls } from "./sql-values.ts";
import type { Tables } from "./tables.ts";

export type MessageRow = Selectable<Tables["messages"]>;

export function toMessage(row: MessageRow, attachments: readonly Attachment[] = []): StoredMessage {
  return {
    id: row.id,
    conversationId: row.conversation_id,
    seq: Number(row.seq),
    sender: row.sender,
    text: row.text,
    ...withoutNulls({
      answer: row.answer,
      quickReplies: row.quick_replies,
      replyTo: row.reply_to,
      rating: row.rating,
    }),
    ...(attachments.length === 0 ? {} : { attachments }),
    // A time that comes through a composed statement is read as text by no driver: both give a Date.
    createdAt: new Date(row.created_at).toISOString(),
  };
}

/** Whether a message of a query has attachments: most have none, and another query is spared. */
export const isAttached = sql<boolean>`exists (select 1 from attachments where message_id = messages.id)`;

/** Messages with their attachments, from rows selected together with `isAttached`. */
export async function toMessages(
  db: Kysely<Tables>,
  rows: readonly (MessageRow & { attached: boolean })[],
): Promise<StoredMessage[]> {
  const ids = rows.filter(({ attached }) => attached).map(({ id }) => id);
  const attachments = ids.length === 0 ? undefined : await attachmentsOf(db, ids);
  return rows.map((row) => toMessage(row, attachments?.get(row.id)));
}
