import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { AppError } from "../errors.ts";
import { surfaces } from "../messaging/conversation.ts";
import type { ConversationStore } from "../messaging/conversation-store.ts";
import { apiMessage, toApiMessage } from "./api-message.ts";
import type { ConversationList } from "./conversation-list.ts";
import { apiKeySecurity, conversationCursor, json, readCursor, writeCursor } from "./openapi-parts.ts";
import type { RequireScope } from "./require-scope.ts";

export interface ConversationsApiParts {
  readonly list: ConversationList;
  readonly conversations: Pick<ConversationStore, "messagesAfter" | "post">;
}

const conversation = z
  .object({
    id: z.string(),
    channel: z.string(),
    surface: z.enum(surfaces),
    origin: z
      .string()
      .optional()
      .openapi({ description: "The code of the door: a station's or poster's link." }),
    handOverRequested: z.boolean().openapi({ description: "A person was asked for." }),
    reachable: z.boolean().openapi({ description: "False after the contact blocked the account." }),
    lastSeq: z.int().openapi({ description: "`seq` of the last message; 0: none." }),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime().openapi({ description: "Time of the last message." }),
  })
  .openapi("Conversation");

const conversationId = z.object({ id: z.string().min(1).max(100) });
const limit = z.coerce.number().int().min(1).max(200).default(50).openapi({ type: "integer" });
const filter = z.string().min(1).max(200).optional();
const tags = ["for other systems"];
const security = apiKeySecurity;

/** Conversations and messages for other systems, below `/api/v1/conversations`. */
export function mountConversationsApi(
  app: OpenAPIHono,
  { list, conversations }: ConversationsApiParts,
  requireScope: RequireScope,
): void {
  const listConversations = createRoute({
    method: "get",
    path: "/api/v1/conversations",
    summary: "List conversations, the oldest first",
    description:
      "Scope `conversations:read`. `next` continues after this page; it is absent on the last one.",
    tags,
    security,
    middleware: requireScope("conversations:read"),
    request: {
      query: z.object({
        channel: filter,
        origin: filter,
        updatedSince: z.iso
          .datetime({ offset: true })
          .optional()
          .openapi({ description: "Began or got a message since then." }),
        cursor: conversationCursor.optional(),
        limit,
      }),
    },
    responses: {
      200: json("A page.", z.object({ conversations: z.array(conversation), next: z.string().optional() })),
    },
  });
  app.openapi(listConversations, async (c) => {
    const { channel, origin, updatedSince, cursor, limit: most } = c.req.valid("query");
    const page = await list.page({
      limit: most,
      ...(channel === undefined ? {} : { channel }),
      ...(origin === undefined ? {} : { origin }),
      ...(updatedSince === undefined ? {} : { updatedSince: new Date(updatedSince) }),
      ...(cursor === undefined ? {} : { after: readCursor(cursor) }),
    });
    const next = page.next === undefined ? {} : { next: writeCursor(page.next) };
    return c.json({ conversations: page.conversations, ...next }, 200);
  });

  const getConversation = createRoute({
    method: "get",
    path: "/api/v1/conversations/{id}",
    summary: "Look at one conversation",
    description: "Scope `conversations:read`.",
    tags,
    security,
    middleware: requireScope("conversations:read"),
    request: { params: conversationId },
    responses: { 200: json("The conversation.", conversation) },
  });
  app.openapi(getConversation, async (c) => c.json(await found(c.req.valid("param").id), 200));

  const listMessages = createRoute({
    method: "get",
    path: "/api/v1/conversations/{id}/messages",
    summary: "Read the messages of a conversation, the oldest first",
    description:
      "Scope `messages:read`. Go on with `after` set to the last `seq` until a page comes back empty.",
    tags,
    security,
    middleware: requireScope("messages:read"),
    request: {
      params: conversationId,
      query: z.object({
        after: z.coerce
          .number()
          .int()
          .nonnegative()
          .max(Number.MAX_SAFE_INTEGER)
          .default(0)
          .openapi({ type: "integer", description: "Only messages with a greater `seq`." }),
        limit,
      }),
    },
    responses: { 200: json("A page.", z.object({ messages: z.array(apiMessage) })) },
  });
  app.openapi(listMessages, async (c) => {
    const { id } = await found(c.req.valid("param").id);
    const { after, limit: most } = c.req.valid("query");
    const messages = await conversations.messagesAfter(id, after, most);
    return c.json({ messages: messages.map(toApiMessage) }, 200);
  });

  const postMessage = createRoute({
    method: "post",
    path: "/api/v1/conversations/{id}/messages",
    summary: "Say something to the contact",
    description:
      "Scope `messages:write`. It goes out on the conversation's channel, as a message of the system. " +
      "Sent twice, it is said twice: after a timeout look at the messages first.",
    tags,
    security,
    middleware: requireScope("messages:write"),
    request: {
      params: conversationId,
      body: {
        required: true,
        content: {
          "application/json": {
            schema: z.object({
              text: z.string().trim().min(1).max(4_000),
              quickReplies: z.array(z.string().trim().min(1).max(60)).max(8).optional(),
            }),
          },
        },
      },
    },
    responses: { 202: json("Stored; it is on its way.", z.object({ message: apiMessage })) },
  });
  app.openapi(postMessage, async (c) => {
    const { id } = await found(c.req.valid("param").id);
    const { text, quickReplies } = c.req.valid("json");
    const [message] = await conversations.post(id, [
      { sender: "system", text, ...(quickReplies === undefined ? {} : { quickReplies }) },
    ]);
    if (message === undefined) throw missing();
    return c.json({ message: toApiMessage(message) }, 202);
  });

  const found = async (id: string) => {
    const summary = await list.find(id);
    if (summary === undefined) throw missing();
    return summary;
  };
}

function missing(): AppError {
  return new AppError("http.not_found", "There is no such conversation.");
}
