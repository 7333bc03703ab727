import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { AppError, type ErrorCode } from "../errors.ts";

interface ErrorLine {
  readonly status: ContentfulStatusCode;
  /** What the visitor reads: what happened, what to do. */
  readonly line: string;
}

/** The errors that a visitor can cause or must know of. Every other one is `internal` to them. */
const errorLines: Partial<Record<ErrorCode, ErrorLine>> = {
  "channel.unknown_visitor": { status: 401, line: "对话已失效，请刷新页面重新开始。" },
  "http.bad_request": { status: 400, line: "请求的格式不对，请刷新页面再试。" },
  "http.empty_message": { status: 422, line: "请写下您的问题" },
  "http.not_found": { status: 404, line: "没有找到，可能已经更新或删除。" },
  "http.too_large": { status: 413, line: "太长了，请分几条发（每条不超过4000字）" },
  "http.too_many_requests": { status: 429, line: "发得太快了，请稍等一会儿再发；着急可以直接拨打12351。" },
  "http.unsupported_media_type": { status: 415, line: "只接受 JSON 格式（application/json）的内容。" },
  "knowledge.library_unavailable": {
    status: 503,
    line: "资料库暂时用不了，请过几分钟再试；着急可以直接拨打12351。",
  },
  "storage.unavailable": { status: 503, line: "服务暂时用不了，请过几分钟再试；着急可以直接拨打12351。" },
};

const internal: ErrorLine = { status: 500, line: "服务出了点问题，请稍后再试；着急可以直接拨打12351。" };

/** The part of the service's logger that error responses need. */
export interface ErrorLogger {
  error(details: Readonly<Record<string, unknown>>, message: string): void;
}

/** Turns anything thrown into the API's error body. What the visitor cannot mend is logged; no stack leaves. */
export function errorResponse(c: Context, error: unknown, logger: ErrorLogger, requestId: string): Response {
  const { code, details } = knownError(error);
  const { status, line } = errorLines[code] ?? internal;
  if (status >= 500) {
    logger.error({ err: error, requestId }, "a request failed");
  }
  const { retryAfterSeconds } = details;
  if (typeof retryAfterSeconds === "number") {
    c.header("Retry-After", String(retryAfterSeconds));
  }
  // A code without a line of its own says something about the inside: it stays there.
  const shown: ErrorCode = errorLines[code] === undefined ? "http.internal" : code;
  return c.json({ error: { code: shown, message: line } }, status);
}

function knownError(error: unknown): { code: ErrorCode; details: Readonly<Record<string, unknown>> } {
  if (error instanceof AppError) {
    return error;
  }
  // Hono's own checks throw these, above all for a body that cannot be read.
  const isClientError = error instanceof HTTPException && error.status < 500;
  return { code: isClientError ? "http.bad_request" : "http.internal", details: {} };
}
