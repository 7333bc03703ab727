import type { RefusalReason } from "../messaging/refusal-reason.ts";

/** What is known of a file once it is kept. */
export interface KeptAttachment {
  /** SHA-256 of the bytes in hex. */
  readonly hash: string;
  /** Bytes. */
  readonly size: number;
  /** By its content. */
  readonly mimeType: string;
}

/** Where it stands what became of an attachment. Implemented in `storage/`. */
export interface AttachmentStore {
  /**
   * Its bytes are kept, whatever was said before. False where the attachment was deleted in the meantime: then its
   * file is set down for removal.
   */
  markStored(id: string, kept: KeptAttachment): Promise<boolean>;
  /** Its bytes are not kept, and why. One that is kept already stays so. */
  markRefused(id: string, reason: RefusalReason): Promise<void>;
  /** What a kept voice says or picture shows. */
  setText(id: string, text: string): Promise<void>;
}
