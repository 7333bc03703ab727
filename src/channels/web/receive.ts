import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { AppError } from "../../errors.ts";
import type { ConversationEvents } from "../../messaging/conversation-events.ts";
import type { ConversationStore, VisitorStore } from "../../messaging/conversation-store.ts";
import { ratings, type StoredMessage } from "../../messaging/message.ts";
import { cleanText } from "./clean-text.ts";
import { hashToken, type VerifyVisitor } from "./verify.ts";
import { toWebMessage, webMessage } from "./web-message.ts";

/** Throws `http.too_many_requests` when the key has used up its share. */
export interface Limiter {
  consume(key: string): Promise<void>;
}

export interface ReceiveParts {
  readonly conversations: ConversationStore;
  readonly visitors: VisitorStore;
  readonly queue: { submit(message: StoredMessage): void };
  readonly events: ConversationEvents;
  /** Messages of one visitor. */
  readonly messageLimit: Limiter;
  /** Cryptographically random bytes. */
  readonly randomBytes: (length: number) => Uint8Array;
}

export const channelName = "web";
export const visitorSecurity = [{ visitor: [] }];

const openVisitor = createRoute({
  method: "post",
  path: "/api/visitors",
  summary: "Begin a conversation",
  responses: {
    201: {
      description: "The token is shown once; only its hash is kept.",
      content: {
        "application/json": { schema: z.object({ token: z.string(), conversationId: z.string() }) },
      },
    },
  },
});

const messageBody = { content: { "application/json": { schema: z.object({ message: webMessage }) } } };

const postMessage = createRoute({
  method: "post",
  path: "/api/messages",
  summary: "Send a message",
  security: visitorSecurity,
  request: {
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z.object({
            clientId: z
              .string()
              .regex(/^[A-Za-z0-9_-]{1,64}$/)
              .openapi({ description: "The page's own id: the same one again stores nothing new." }),
            text: z.string().openapi({ description: "At most 4000 characters." }),
          }),
        },
      },
    },
  },
  responses: {
    202: { description: "Stored; the reply comes as an event.", ...messageBody },
    200: { description: "It had been stored before.", ...messageBody },
  },
});

const postFeedback = createRoute({
  method: "post",
  path: "/api/messages/{id}/feedback",
  summary: "Rate a reply",
  security: visitorSecurity,
  request: {
    params: z.object({ id: z.string().min(1).max(100) }),
    body: {
      required: true,
      content: { "application/json": { schema: z.object({ rating: z.enum(ratings) }) } },
    },
  },
  responses: { 204: { description: "Kept with the reply; a later rating replaces it." } },
});

/** What comes from a visitor: stored before it is acknowledged. */
export function mountReceive(app: OpenAPIHono, parts: ReceiveParts, verify: VerifyVisitor): void {
  const { conversations, visitors, queue, events, messageLimit, randomBytes } = parts;

  app.openapi(openVisitor, async (c) => {
    const token = Buffer.from(randomBytes(32)).toString("base64url");
    const { id } = await conversations.open(channelName);
    await visitors.save(hashToken(token), id);
    return c.json({ token, conversationId: id }, 201);
  });

  app.openapi(postMessage, async (c) => {
    const conversationId = await verify(c.req.header("authorization"));
    const { clientId, text } = c.req.valid("json");
    await messageLimit.consume(conversationId);
    const inbound = { channel: channelName, externalId: clientId, conversationId, text: cleanText(text) };
    const { message, duplicate } = await conversations.receive(inbound);
    if (duplicate) {
      return c.json({ message: toWebMessage(message) }, 200);
    }
    // The visitor's other tabs see it before the turn begins.
    events.publish(conversationId, { type: "message" });
    queue.submit(message);
    return c.json({ message: toWebMessage(message) }, 202);
  });

  app.openapi(postFeedback, async (c) => {
    const conversationId = await verify(c.req.header("authorization"));
    const rated = await conversations.rate(
      conversationId,
      c.req.valid("param").id,
      c.req.valid("json").rating,
    );
    if (!rated) {
      throw new AppError("http.not_found", "The conversation has no such reply.");
    }
    return c.body(null, 204);
  });
}
