import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { AppError } from "../../errors.ts";
import type { FileStore } from "../../messaging/file-store.ts";
import { cleanFileName } from "./file-name.ts";
import { type Limiter, visitorSecurity } from "./receive.ts";
import { peek, receivedBytes, tooLarge } from "./received-bytes.ts";
import {
  type CheckUpload,
  refusedUpload,
  type UploadKind,
  type UploadStore,
  uploadKinds,
} from "./uploads.ts";
import type { VerifyVisitor } from "./verify.ts";

export interface ReceiveFileParts {
  readonly uploads: UploadStore;
  readonly files: FileStore;
  readonly checkUpload: CheckUpload;
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

/** Bytes that a file is told by: the size of a picture stands behind the camera's own data. */
const headBytes = 256 * 1024;

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

/** Files of visitors: looked at before they are kept, and kept before they are acknowledged. */
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

async function keep(parts: ReceiveFileParts, conversationId: string, { body, ...upload }: Upload) {
  const { longestFile, uploadSilenceMs, checkUpload, newId } = parts;
  const received = receivedBytes(body, { mostBytes: longestFile, silenceMs: uploadSilenceMs });
  const { head, whole } = await peek(received, headBytes);
  const checked = head.length === 0 ? { refused: "empty" as const } : checkUpload({ ...upload, head });
  if ("refused" in checked) {
    // Read to its end: a browser that is cut off while it sends shows a network error instead of the reason.
    for await (const _ of whole);
    throw refusedUpload(checked.refused);
  }
  const id = newId();
  await parts.uploads.announceUpload(conversationId, { id, ...upload });
  const kept = await keepBytes(parts, conversationId, id, whole);
  if (!(await parts.uploads.markStored(id, { ...kept, mimeType: checked.mimeType }))) {
    throw new AppError("channel.unknown_visitor", "The conversation was deleted during the upload.");
  }
  return { id, ...kept };
}

async function keepBytes(
  { uploads, files, longestFile, logger }: ReceiveFileParts,
  conversationId: string,
  id: string,
  content: AsyncIterable<Uint8Array>,
) {
  try {
    const { hash, size } = await files.save(id, content, longestFile);
    return { hash, size };
  } catch (error) {
    await uploads.dropUpload(id).catch((err: unknown) => {
      logger.warn(
        { err, conversationId },
        "a failed upload could not be taken back; it goes with the unsent ones",
      );
    });
    throw error;
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
