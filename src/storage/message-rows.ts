import type { Selectable } from "kysely";
import type { StoredMessage } from "../messaging/message.ts";
import { withoutNulls } from "./sql-values.ts";
import type { Tables } from "./tables.ts";

export type MessageRow = Selectable<Tables["messages"]>;

export function toMessage(row: MessageRow): StoredMessage {
  return {
    id: row.id,
    conversationId: row.conversation_id,
    seq: Number(row.seq),
    sender: row.sender,
    text: row.text,
    ...withoutNulls({ answer: row.answer, replyTo: row.reply_to, rating: row.rating }),
    createdAt: row.created_at.toISOString(),
  };
}
