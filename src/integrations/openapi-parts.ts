import { z } from "@hono/zod-openapi";
import type { ConversationCursor } from "./conversation-list.ts";

/** The name of the security scheme of these routes. */
export const apiKeyScheme = "apiKey";
export const apiKeySecurity = [{ [apiKeyScheme]: [] }];

/** A response of an OpenAPI route. */
export function json<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { "application/json": { schema } } };
}

/** A moment as PostgreSQL writes it, and an id. */
const cursorParts = z.tuple([
  z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d)?$/),
  z.string().min(1).max(100),
]);

function decoded(cursor: string): ConversationCursor | undefined {
  try {
    const [createdAt, id] = cursorParts.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
    return Number.isNaN(Date.parse(createdAt.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00")))
      ? undefined
      : { createdAt, id };
  } catch {
    return undefined;
  }
}

/** `next` of the page before; anything else is refused. */
export const conversationCursor = z
  .string()
  .max(400)
  .refine((cursor) => decoded(cursor) !== undefined, "must be `next` of the page before");

export function writeCursor({ createdAt, id }: ConversationCursor): string {
  return Buffer.from(JSON.stringify([createdAt, id])).toString("base64url");
}

export function readCursor(cursor: string): ConversationCursor {
  const read = decoded(cursor);
  if (read === undefined) throw new TypeError("The cursor was not checked.");
  return read;
}
