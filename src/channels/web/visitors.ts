import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { AppError } from "../../errors.ts";
import type { ConversationStore, NewConversation, VisitorStore } from "../../messaging/conversation-store.ts";
import { hashToken } from "./verify.ts";
import type { VerifyIdentity } from "./verify-identity.ts";

export interface VisitorParts {
  readonly conversations: Pick<ConversationStore, "open">;
  readonly visitors: VisitorStore;
  /** Absent: no identity is accepted. */
  readonly verifyIdentity: VerifyIdentity | undefined;
  /** Cryptographically random bytes. */
  readonly randomBytes: (length: number) => Uint8Array;
}

export const channelName = "web";

const visitor = z.object({
  from: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .optional()
    .openapi({ description: "The code of the link, poster or site through which the visitor comes." }),
  identity: z
    .string()
    .min(1)
    .max(4_096)
    .optional()
    .openapi({
      description:
        "A JWT of an app in which the visitor is logged in: `sub`, `exp` at most 24 hours away, `aud` niangjia. " +
        "The same `sub` finds the same conversation again.",
    }),
});

const route = createRoute({
  method: "post",
  path: "/api/visitors",
  summary: "Begin a conversation, or find that of a logged-in visitor again",
  request: { body: { required: false, content: { "application/json": { schema: visitor } } } },
  responses: {
    201: {
      description: "The token is shown once; only its hash is kept.",
      content: {
        "application/json": { schema: z.object({ token: z.string(), conversationId: z.string() }) },
      },
    },
  },
});

/** Where a conversation of the page begins. */
export function mountVisitors(app: OpenAPIHono, parts: VisitorParts): void {
  const { conversations, visitors, randomBytes } = parts;
  app.openAPIRegistry.registerPath(route);
  // Not by the registry's own validation: it refuses a request without a body that names another content type.
  app.post(route.path, async (c) => {
    const read = visitor.safeParse(parseJson(await c.req.text()));
    if (!read.success) {
      throw new AppError("http.bad_request", "The visitor has the wrong form.");
    }
    const { from, identity } = read.data;
    const details: NewConversation = {
      ...(from === undefined ? {} : { origin: from }),
      ...(identity === undefined ? {} : { address: await addressOf(identity, parts.verifyIdentity) }),
    };
    const { id } = await conversations.open(channelName, details);
    const token = Buffer.from(randomBytes(32)).toString("base64url");
    await visitors.save(hashToken(token), id);
    return c.json({ token, conversationId: id }, 201);
  });
}

/** The body may be missing. Undefined for what is no JSON. */
function parseJson(body: string): unknown {
  if (body.trim() === "") {
    return {};
  }
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

async function addressOf(identity: string, verify: VerifyIdentity | undefined) {
  if (verify === undefined) {
    throw new AppError("http.bad_request", "No IDENTITY_KEY is set: identities cannot be verified.", {
      details: { subject: "identity" },
    });
  }
  return { key: `identity:${await verify(identity)}`, surface: "private", data: {} } as const;
}
