import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { AppError } from "../../errors.ts";
import { cleanFileName } from "./file-name.ts";
import { type Limiter, visitorSecurity } from "./receive.ts";
import { receivedBytes, tooLarge } from "./received-bytes.ts";
import { type KeepUpload, refusedUpload, type UploadKind, type UploadStore, uploadKinds } from "./uploads.ts";
import type { VerifyVisitor } from "./verify.ts";

export interface ReceiveFileParts {
  readonly uploads: UploadStore;
  readonly keepUpload: KeepUpload;
  /** Uploads of one visitor. */
  readonly uploadLimit: Limiter;
  /** Bytes of one file. */
  readonly longestFile: number;
  /** Milliseconds without a byte after which an upload is given up. */
  readonly uploadSilenceMs: number;
  /** Uploads at the same time in this process. */
  readonly uploadsAtOnce: number;
  readonly newId: () => string;
  readonly logger: { warn(details: Readonly<Record<string, unknown>>, message: string): void };
}

export const filesPath = "/api/files";

/** Seconds after which somebody is told to come back who met too many uploads. */
const retryAfterSeconds = 10;

const route = createRoute({
  method: "post",
  path: filesPath,
  summary: "Upload a file, to be sent with a message",
  security: visitorSecurity,
  request: {
    query: z.object({ kind: z.enum(uploadKinds) }),
    headers: z.object({
      "x-file-name": z
        .string()
        .max(1_000)
        .optional()
        .openapi({ description: "The file's name, percent-encoded." }),
    }),
    body: {
      required: true,
      content: { "application/octet-stream": { schema: z.string().openapi({ format: "binary" }) } },
    },
  },
  responses: {
    201: {
      description: "Kept. What the bytes are is seen from themselves, not from the content type.",
      content: {
        "application/json": {
          schema: z.object({
            id: z.string(),
            hash: z.string().openapi({ description: "SHA-256 in hex." }),
            size: z.int().openapi({ description: "Bytes." }),
          }),
        },
      },
    },
  },
});

/** Files of visitors: noted before their bytes are kept, and kept before they are acknowledged. */
export function mountReceiveFile(app: OpenAPIHono, parts: ReceiveFileParts, verify: VerifyVisitor): void {
  let running = 0;

  app.openapi(route, async (c) => {
    const authorization = c.req.header("authorization");
    const conversationId = await verify(authorization);
    const { kind } = c.req.valid("query");
    const name = cleanFileName(c.req.valid("header")["x-file-name"]);
    // Where it fails, the rest of the body stands between this request and the next one on the connection.
    c.header("Connection", "close");
    const body = announcedBody(c, parts.longestFile);
    await parts.uploadLimit.consume(conversationId);
    if (running >= parts.uploadsAtOnce) {
      throw new AppError("http.too_many_requests", "Too many uploads at once.", {
        details: { retryAfterSeconds },
      });
    }
    running += 1;
    try {
      const upload = { kind, body, ...(name === undefined ? {} : { name }) };
      const kept = await verify.storing(authorization, () => keep(parts, conversationId, upload));
      c.header("Connection", undefined);
      return c.json(kept, 201);
    } finally {
      running -= 1;
    }
  });
}

interface Upload {
  readonly kind: UploadKind;
  readonly name?: string;
  readonly body: ReadableStream<Uint8Array>;
}

async function keep(parts: ReceiveFileParts, conversationId: string, { body, ...file }: Upload) {
  const { uploads, keepUpload, longestFile } = parts;
  const limits = { mostBytes: longestFile, silenceMs: parts.uploadSilenceMs };
  const upload = { id: parts.newId(), ...file };
  await uploads.announceUpload(conversationId, upload);
  try {
    const kept = await keepUpload(upload, receivedBytes(body, limits), longestFile);
    if ("refused" in kept) {
      if (kept.refused === "too_large") throw tooLarge(longestFile);
      await discard(receivedBytes(body, limits));
      throw refusedUpload(kept.refused);
    }
    if (!(await uploads.markStored(upload.id, kept))) {
      throw new AppError("channel.unknown_visitor", "The conversation was deleted during the upload.");
    }
    return { id: upload.id, hash: kept.hash, size: kept.size };
  } catch (error) {
    await uploads.dropUpload(upload.id).catch((err: unknown) => {
      parts.logger.warn({ err, conversationId }, "a failed upload stays until the unsent ones are removed");
    });
    throw error;
  }
}

/** Reads to the end: a browser that is cut off while it sends shows a network error instead of the reason. */
async function discard(content: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const _ of content);
  } catch {
    // It is refused anyway.
  }
}

/** The body, where its announced length may be kept. */
function announcedBody(c: Context, longestFile: number): ReadableStream<Uint8Array> {
  const { body, headers } = c.req.raw;
  const announced = headers.has("transfer-encoding") ? undefined : Number(headers.get("content-length"));
  if (announced !== undefined && announced > longestFile) {
    throw tooLarge(longestFile);
  }
  if (body === null || announced === 0) {
    throw refusedUpload("empty");
  }
  return body;
}
