import { AppError } from "../errors.ts";
import type { RefusalReason } from "../messaging/refusal-reason.ts";
import { FileRefused } from "./file-refused.ts";

/** Why an error keeps a file from being kept. */
export function refusalOf(error: unknown): RefusalReason {
  if (error instanceof FileRefused) return error.reason;
  if (!(error instanceof AppError)) return "unavailable";
  if (error.code === "files.too_large") return "too_large";
  return error.code === "files.gone" ? "gone" : "unavailable";
}
