import { z } from "@hono/zod-openapi";
import { AppError } from "../../errors.ts";
import type { Attachment, AttachmentKind } from "../../messaging/message.ts";
import type { RefusalReason } from "../../messaging/refusal-reason.ts";

/** What a visitor may upload. */
export const uploadKinds = ["photo", "voice", "file", "video"] as const satisfies readonly AttachmentKind[];
export type UploadKind = (typeof uploadKinds)[number];

/** Files of one message. */
export const mostAttachments = 9;

export const attachmentId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

/** Visitors' uploads, from before their bytes are kept. Implemented in `storage/`. */
export interface UploadStore {
  /**
   * Sets an upload down before its bytes are kept, so that no file lies anywhere without a row. Throws
   * `channel.unknown_visitor` for a conversation that does not exist.
   */
  announceUpload(conversationId: string, upload: UploadToKeep): Promise<void>;
  /** Its bytes are kept. False where it was deleted in the meantime: then its file goes too. */
  markStored(
    id: string,
    kept: { readonly hash: string; readonly size: number; readonly mimeType: string },
  ): Promise<boolean>;
  /** It came to nothing: row and file go. */
  dropUpload(id: string): Promise<void>;
  /** Undefined where this conversation has no such attachment. */
  find(conversationId: string, id: string): Promise<Attachment | undefined>;
}

/** A file as it comes from a visitor. */
export interface UploadToKeep {
  /** Under which it is kept. */
  readonly id: string;
  readonly kind: UploadKind;
  readonly name?: string;
}

/**
 * Keeps the bytes whole or not at all, and tells by the bytes themselves what they are, or why they are not kept.
 * What the content throws is thrown.
 */
export type KeepUpload = (
  upload: UploadToKeep,
  content: AsyncIterable<Uint8Array>,
  mostBytes: number,
) => Promise<
  | { readonly hash: string; readonly size: number; readonly mimeType: string }
  | { readonly refused: RefusalReason }
>;

/** What the visitor is told of a file that is not kept. */
export function refusedUpload(reason: RefusalReason): AppError {
  if (reason === "too_many_pixels") {
    return new AppError("files.too_large", "The picture has too many pixels.", {
      details: { subject: "picture" },
    });
  }
  const subject = reason === "harmful" || reason === "empty" ? reason : "file";
  return new AppError("http.unsupported_media_type", `The file is refused: ${reason}.`, {
    details: { subject },
  });
}
