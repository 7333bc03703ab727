import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { AppError } from "../../errors.ts";
import { byteStream, type EventStreamParts, eventFrames } from "./event-stream.ts";
import type { Receipts } from "./receipts.ts";
import { visitorSecurity } from "./receive.ts";
import type { StreamSlots } from "./stream-slots.ts";
import type { VerifyVisitor } from "./verify.ts";
import { toWebMessage, webMessage } from "./web-message.ts";

export interface SendParts extends EventStreamParts {
  readonly receipts: Receipts;
  readonly logger: { warn(details: Readonly<Record<string, unknown>>, message: string): void };
  readonly observer: { streamOpened(): void; streamClosed(): void };
}

/** Messages in one response. */
const pageLength = 200;

const seq = z.coerce.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const query = z.object({
  after: seq.default(0).openapi({
    type: "integer",
    description: "Only messages with a greater `seq`; those up to it count as shown.",
  }),
});

const getMessages = createRoute({
  method: "get",
  path: "/api/messages",
  summary: "Read the conversation, at most 200 messages, oldest first",
  security: visitorSecurity,
  request: { query },
  responses: {
    200: {
      description: "`pending`: a message is still being answered.",
      content: {
        "application/json": { schema: z.object({ messages: z.array(webMessage), pending: z.boolean() }) },
      },
    },
  },
});

const getEvents = createRoute({
  method: "get",
  path: "/api/events",
  summary: "Follow the conversation",
  security: visitorSecurity,
  request: { query },
  responses: {
    200: {
      description:
        "`message` carries a Message, `typing` { replyTo }, `preview` { replyTo, text }. The id of an event is the " +
        "message's `seq`; `Last-Event-ID` continues after it. What came before it counts as shown. At most 5 streams " +
        "a visitor.",
      content: { "text/event-stream": { schema: z.string() } },
    },
  },
});

const streamHeaders = {
  "Content-Type": "text/event-stream; charset=utf-8",
  "Cache-Control": "no-store",
  // nginx would hold events back.
  "X-Accel-Buffering": "no",
};

/** What goes to a visitor: read from the store, by polling or as a stream. */
export function mountSend(
  app: OpenAPIHono,
  parts: SendParts,
  verify: VerifyVisitor,
  slots: StreamSlots,
): void {
  const { conversations, receipts } = parts;

  app.openapi(getMessages, async (c) => {
    const conversationId = await verify(c.req.header("authorization"));
    const { after } = c.req.valid("query");
    await receipts.confirm(conversationId, after);
    // Asked first: a turn that ends in between has its reply among the messages.
    const pending = (await conversations.pendingMessage(conversationId)) !== undefined;
    const messages = await conversations.messagesAfter(conversationId, after, pageLength);
    return c.json({ messages: messages.map(toWebMessage), pending }, 200);
  });

  app.openapi(getEvents, async (c) => {
    const authorization = c.req.header("authorization");
    const conversationId = await verify(authorization);
    const last = seq.safeParse(c.req.header("last-event-id"));
    const after = Math.max(c.req.valid("query").after, last.data ?? 0);
    if (c.req.method === "HEAD") {
      return c.body(null, 200, streamHeaders);
    }
    await receipts.confirm(conversationId, after);
    const isKnown = () => isStillKnown(verify, authorization);
    const controller = slots.take(conversationId);
    parts.observer.streamOpened();
    const frames = eventFrames(parts, { conversationId, after, isKnown }, controller.signal);
    const stream = byteStream(frames, {
      stop: () => controller.abort(),
      onEnd: () => {
        slots.free(conversationId, controller);
        parts.observer.streamClosed();
      },
      onError: (err) => parts.logger.warn({ err, conversationId }, "an event stream broke"),
    });
    return c.body(stream, 200, streamHeaders);
  });
}

async function isStillKnown(verify: VerifyVisitor, authorization: string | undefined): Promise<boolean> {
  try {
    await verify(authorization);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === "channel.unknown_visitor") {
      return false;
    }
    throw error;
  }
}
