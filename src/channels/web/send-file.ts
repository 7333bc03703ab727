import { Readable } from "node:stream";
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { AppError } from "../../errors.ts";
import type { FileStore } from "../../messaging/file-store.ts";
import type { Attachment } from "../../messaging/message.ts";
import { visitorSecurity } from "./receive.ts";
import { filesPath } from "./receive-file.ts";
import { attachmentId, type UploadStore } from "./uploads.ts";
import type { VerifyVisitor } from "./verify.ts";

export interface SendFileParts {
  readonly uploads: UploadStore;
  readonly files: FileStore;
  readonly logger: { warn(details: Readonly<Record<string, unknown>>, message: string): void };
}

const route = createRoute({
  method: "get",
  path: `${filesPath}/{id}`,
  summary: "Open a file of the conversation",
  security: visitorSecurity,
  request: { params: z.object({ id: attachmentId }) },
  responses: {
    200: {
      description: "The bytes as they were uploaded, as a download.",
      content: { "application/octet-stream": { schema: z.string().openapi({ format: "binary" }) } },
    },
  },
});

/** Types that no browser runs as a page; everything else is bytes. */
const harmlessTypes = new Set(["image/jpeg", "image/png", "image/gif", "image/webp"]);

/** The visitor's own files, and nobody else's: an id of another conversation is as unknown as a made-up one. */
export function mountSendFile(
  app: OpenAPIHono,
  { uploads, files, logger }: SendFileParts,
  verify: VerifyVisitor,
): void {
  app.openapi(route, async (c) => {
    const conversationId = await verify(c.req.header("authorization"));
    const { id } = c.req.valid("param");
    const attachment = await uploads.find(conversationId, id);
    if (attachment?.state !== "stored") {
      throw new AppError("http.not_found", "The conversation has no such file.");
    }
    const headers = headersOf(attachment);
    if (c.req.method === "HEAD") {
      return c.body(null, 200, headers);
    }
    const content = await files.open(id);
    if (content === undefined) {
      throw new AppError("files.gone", "The file is not in the file store.");
    }
    const onError = (err: unknown) => {
      logger.warn({ err, conversationId }, "a file could not be read to its end");
      // Its length was announced: only a cut shows that this is not all of it.
      cutConnection(c);
    };
    return c.body(Readable.toWeb(Readable.from(untilError(content, onError))), 200, headers);
  });
}

function headersOf({ mimeType = "", name, size }: Attachment): Record<string, string> {
  const shownName = name === undefined ? "" : `; filename*=UTF-8''${encodeName(name)}`;
  return {
    "Content-Type": harmlessTypes.has(mimeType) ? mimeType : "application/octet-stream",
    "Content-Disposition": `attachment${shownName}`,
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
    ...(size === undefined ? {} : { "Content-Length": String(size) }),
  };
}

/** As RFC 8187 wants it: `encodeURIComponent` leaves four characters that a header must not have there. */
function encodeName(name: string): string {
  return encodeURIComponent(name).replace(
    /['()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

async function* untilError(content: Readable, onError: (error: unknown) => void) {
  try {
    yield* content as AsyncIterable<Uint8Array>;
  } catch (error) {
    onError(error);
  }
}

function cutConnection(c: Context): void {
  const { outgoing } = (c.env ?? {}) as { outgoing?: { destroy(): void } };
  outgoing?.destroy();
}
