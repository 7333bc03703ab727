import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { AppError, type ErrorCode } from "../errors.ts";

interface ApiErrorLine {
  readonly status: ContentfulStatusCode;
  /** What the developer of the other system reads. */
  readonly line: (details: AppError["details"]) => string;
  /** Under which code it is shown, where that is another one. */
  readonly shown?: ErrorCode;
}

const notFound: ApiErrorLine = {
  status: 404,
  line: () => "没有找到：它不存在，或者已经删除。",
  shown: "http.not_found",
};

const lines: Partial<Record<ErrorCode, ApiErrorLine>> = {
  "http.unauthorized": {
    status: 401,
    line: () => "API 密钥缺失、无效或已撤销。请在请求头中带上 Authorization: Bearer nj_…",
  },
  "http.forbidden": { status: 403, line: ({ scope }) => `这个 API 密钥没有所需的权限：${String(scope)}。` },
  "http.bad_request": {
    status: 400,
    line: ({ faults }) => {
      const named = Array.isArray(faults) && faults.length > 0 ? `：${faults.join("；")}` : "";
      return `请求不符合接口文档（/api/openapi.json）${named}。`;
    },
  },
  "http.not_found": notFound,
  // A conversation that went between two looks.
  "channel.unknown_visitor": notFound,
  "http.too_many_requests": {
    status: 429,
    line: () => "请求太频繁，请等到 Retry-After 所说的秒数之后再试。",
  },
};

/**
 * Turns what the routes for other systems throw into the API's error body, `{ error: { code, message } }`, in words
 * for their developers. What is not theirs to mend is thrown on, to the service's own answer.
 */
export function apiErrorResponse(error: unknown, c: Context): Response {
  const known = error instanceof AppError ? lines[error.code] : undefined;
  if (!(error instanceof AppError) || known === undefined) {
    throw error;
  }
  if (known.status === 401) c.header("WWW-Authenticate", "Bearer");
  const { retryAfterSeconds } = error.details;
  if (typeof retryAfterSeconds === "number") c.header("Retry-After", String(retryAfterSeconds));
  const body = { code: known.shown ?? error.code, message: known.line(error.details) };
  return c.json({ error: body }, known.status);
}
