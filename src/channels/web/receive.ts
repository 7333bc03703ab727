import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { AppError } from "../../errors.ts";
import { cleanCaption, cleanText } from "../../messaging/clean-text.ts";
import type { ConversationStore } from "../../messaging/conversation-store.ts";
import type { InboxPort } from "../../messaging/inbox.ts";
import { type Attachment, type InboundAttachment, ratings } from "../../messaging/message.ts";
import type { Receipts } from "./receipts.ts";
import { attachmentId, mostAttachments, type UploadStore } from "./uploads.ts";
import type { VerifyVisitor } from "./verify.ts";
import { channelName } from "./visitors.ts";
import { toWebMessage, webMessage } from "./web-message.ts";

/** Throws `http.too_many_requests` when the key has used up its share. */
export interface Limiter {
  consume(key: string): Promise<void>;
}

export interface ReceiveParts {
  readonly conversations: Pick<ConversationStore, "rate">;
  readonly inbox: Pick<InboxPort, "receive">;
  readonly uploads: UploadStore;
  readonly receipts: Receipts;
  /** Messages of one visitor. */
  readonly messageLimit: Limiter;
}

export const visitorSecurity = [{ visitor: [] }];

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
            text: z.string().openapi({ description: "At most 4000 characters. May be empty beside files." }),
            attachments: z
              .array(attachmentId)
              .max(mostAttachments)
              .refine((ids) => new Set(ids).size === ids.length)
              .default([])
              .openapi({ description: "Files from POST /api/files, each of them for one message." }),
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

const postReceipt = createRoute({
  method: "post",
  path: "/api/receipts",
  summary: "Confirm what was shown",
  security: visitorSecurity,
  request: {
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z.object({
            seq: z
              .int()
              .nonnegative()
              .openapi({ description: "Every message up to this one was shown. `after` confirms as well." }),
          }),
        },
      },
    },
  },
  responses: { 204: { description: "Kept: these messages count as delivered." } },
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
  const { conversations, inbox, uploads, receipts, messageLimit } = parts;

  app.openapi(postMessage, async (c) => {
    const authorization = c.req.header("authorization");
    const conversationId = await verify(authorization);
    const { clientId, text, attachments: ids } = c.req.valid("json");
    await messageLimit.consume(conversationId);
    const inbound = {
      channel: channelName,
      externalId: clientId,
      conversationId,
      text: ids.length === 0 ? cleanText(text) : cleanCaption(text),
      ...(ids.length === 0 ? {} : { attachments: await uploaded(uploads, conversationId, ids) }),
    };
    const { message, duplicate } = await verify.storing(authorization, () => inbox.receive(inbound));
    return c.json({ message: toWebMessage(message) }, duplicate ? 200 : 202);
  });

  app.openapi(postReceipt, async (c) => {
    const conversationId = await verify(c.req.header("authorization"));
    await receipts.confirm(conversationId, c.req.valid("json").seq);
    return c.body(null, 204);
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

/** The visitor's own files in the order of the message. Throws `files.gone` where one is not there. */
async function uploaded(
  uploads: UploadStore,
  conversationId: string,
  ids: readonly string[],
): Promise<InboundAttachment[]> {
  const found = await Promise.all(ids.map((id) => uploads.find(conversationId, id)));
  return found.map((attachment) => {
    const inbound = attachment === undefined ? undefined : toInbound(attachment);
    if (inbound === undefined) {
      throw new AppError("files.gone", "A file of the message is not there.", {
        details: { subject: "attachment" },
      });
    }
    return inbound;
  });
}

function toInbound({
  id,
  kind,
  state,
  name,
  mimeType,
  size,
  hash,
}: Attachment): InboundAttachment | undefined {
  if (state !== "stored" || hash === undefined || size === undefined) {
    return undefined;
  }
  return {
    kind,
    stored: { id, hash, size },
    ...(name === undefined ? {} : { name }),
    ...(mimeType === undefined ? {} : { mimeType }),
  };
}
