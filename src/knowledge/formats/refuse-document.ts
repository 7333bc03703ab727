import { AppError } from "../../errors.ts";

/** Why a file was refused, in a word that a program can test. */
export const refusalReasons = [
  "archive_damaged",
  "archive_too_large",
  "binary",
  "broken_encoding",
  "damaged",
  "empty",
  "file_too_large",
  "no_text",
  "not_supported",
  "password_protected",
  "text_too_long",
  "too_complex",
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/**
 * The error for a file that cannot be taken in whole.
 *
 * @param message one Chinese line: what is wrong and what the admin can do.
 */
export function refuseDocument(
  name: string,
  reason: RefusalReason,
  message: string,
  cause?: unknown,
): AppError {
  const details = { name, reason };
  return new AppError(
    "knowledge.document_refused",
    message,
    cause === undefined ? { details } : { details, cause },
  );
}
