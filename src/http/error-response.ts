import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { AppError, type ErrorCode } from "../errors.ts";

type Details = Readonly<Record<string, unknown>>;

interface ErrorLine {
  readonly status: ContentfulStatusCode;
  /** What the visitor reads: what happened, what to do. */
  readonly line: string | ((details: Details) => string);
}

/**
 * The errors that a visitor can cause or must know of. Every other one is `internal` to them. Where one code stands
 * for several things, `details.subject` says which, and the line is that of `code/subject`.
 */
const errorLines: Partial<Record<ErrorCode | `${ErrorCode}/${string}`, ErrorLine>> = {
  "channel.unknown_visitor": { status: 401, line: "对话已失效，请刷新页面重新开始。" },
  "channel.unverified": { status: 401, line: "登录信息没有通过核对或者已经过期，请回到原来的应用重新打开。" },
  "files.gone": { status: 404, line: "文件已经没有了，可能已经删除。" },
  "files.gone/attachment": { status: 404, line: "有的附件找不到了，请重新添加再发。" },
  "files.too_large": { status: 413, line: tooLargeLine },
  "files.too_large/picture": { status: 413, line: "这张图片的尺寸太大，打不开。请换一张，或者截个图再发。" },
  "files.unavailable": { status: 503, line: "文件暂时存不了，请过几分钟再试。您写的话不受影响。" },
  "http.bad_request/identity": {
    status: 400,
    line: "这里没有开通应用登录（没有设置 IDENTITY_KEY），请不带登录信息打开网页。",
  },
  "http.bad_request/upload": { status: 400, line: "文件没有传完，请再传一次。" },
  "http.bad_request": { status: 400, line: "请求的格式不对，请刷新页面再试。" },
  "http.empty_message": { status: 422, line: "请写下您的问题" },
  "http.not_found": { status: 404, line: "没有找到，可能已经更新或删除。" },
  "http.too_large": { status: 413, line: "太长了，请分几条发（每条不超过4000字）" },
  "http.too_many_requests": { status: 429, line: "发得太快了，请稍等一会儿再发；着急可以直接拨打12351。" },
  "http.unsupported_media_type/empty": { status: 415, line: "这个文件是空的，请换一个。" },
  "http.unsupported_media_type/harmful": {
    status: 415,
    line: "这类文件可能不安全，不能收。请发照片、录音、视频，或者 PDF、Word、Excel 文件。",
  },
  "http.unsupported_media_type/file": {
    status: 415,
    line: "这个文件打不开，请发照片、录音、视频，或者 PDF、Word、Excel 文件。",
  },
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
  const { status, line } = errorLines[`${code}/${details.subject}`] ?? errorLines[code] ?? internal;
  if (status >= 500) {
    logger.error({ err: error, requestId }, "a request failed");
  }
  const { retryAfterSeconds } = details;
  if (typeof retryAfterSeconds === "number") {
    c.header("Retry-After", String(retryAfterSeconds));
  }
  // A code without a line of its own says something about the inside: it stays there.
  const shown: ErrorCode = errorLines[code] === undefined ? "http.internal" : code;
  const message = typeof line === "string" ? line : line(details);
  return c.json({ error: { code: shown, message } }, status);
}

function tooLargeLine({ mostMegabytes }: Details): string {
  const limit = typeof mostMegabytes === "number" ? `，每个不能超过${mostMegabytes}MB` : "";
  return `文件太大了${limit}。请压缩一下，或者分开发。`;
}

function knownError(error: unknown): { code: ErrorCode; details: Details } {
  if (error instanceof AppError) {
    return error;
  }
  // Hono's own checks throw these, above all for a body that cannot be read.
  const isClientError = error instanceof HTTPException && error.status < 500;
  return { code: isClientError ? "http.bad_request" : "http.internal", details: {} };
}
