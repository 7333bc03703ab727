/**
 * Every error that this service raises on purpose. A code is stable and may be shown, logged and tested;
 * the message says in one line what happened and, where somebody can act on it, what to do.
 */
export const errorCodes = [
  "config.invalid",
  "admin.refused",
  "channel.unknown_visitor",
  "channel.unverified",
  "channel.unavailable",
  "files.gone",
  "files.too_large",
  "files.unavailable",
  "http.bad_request",
  "http.forbidden",
  "http.unauthorized",
  "http.cannot_listen",
  "http.empty_message",
  "http.internal",
  "http.not_found",
  "http.too_large",
  "http.too_many_requests",
  "http.unsupported_media_type",
  "knowledge.document_refused",
  "knowledge.document_unknown",
  "knowledge.front_matter_invalid",
  "knowledge.library_unavailable",
  "knowledge.local_data_invalid",
  "knowledge.nothing_to_roll_back",
  "knowledge.rehearsal_failed",
  "knowledge.reload_failed",
  "knowledge.reload_running",
  "model.unavailable",
  "model.cross_border_refused",
  "prompts.invalid",
  "storage.data_dir_in_use",
  "storage.schema_newer",
  "storage.version_incompatible",
  "storage.unavailable",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/**
 * An expected failure. `details` carries no message text and no personal data: it may reach a log. `shown` is for
 * whoever asked, as JSON, and never reaches one.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  readonly #shown: unknown;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; details?: Record<string, unknown>; shown?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.details = options.details ?? {};
    this.#shown = options.shown;
  }

  get shown(): unknown {
    return this.#shown;
  }
}

/** The one line of an unknown thrown value that may be shown to an operator. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
