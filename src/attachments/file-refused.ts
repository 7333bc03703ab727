import type { RefusalReason } from "../messaging/refusal-reason.ts";

/** Thrown while a file is read: it is not kept, and the contact is told why. */
export class FileRefused extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, options?: { cause?: unknown }) {
    super(`The file is refused: ${reason}`, options);
    this.name = "FileRefused";
    this.reason = reason;
  }
}
