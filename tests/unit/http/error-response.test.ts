import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { AppError, type ErrorCode } from "../../../src/errors.ts";
import { errorResponse } from "../../../src/http/error-response.ts";

async function respond(error: unknown) {
  const logged: unknown[] = [];
  const app = new Hono();
  app.get("/", (c) => errorResponse(c, error, { error: (details) => void logged.push(details) }, "r1"));
  const response = await app.request("/");
  const body = (await response.json()) as { error: { code: string; message: string } };
  return { status: response.status, retryAfter: response.headers.get("retry-after"), ...body.error, logged };
}

describe("errorResponse", () => {
  it.each<[ErrorCode, number]>([
    ["http.bad_request", 400],
    ["channel.unknown_visitor", 401],
    ["http.not_found", 404],
    ["http.too_large", 413],
    ["http.unsupported_media_type", 415],
    ["http.empty_message", 422],
    ["http.too_many_requests", 429],
    ["storage.unavailable", 503],
    ["knowledge.library_unavailable", 503],
  ])("answers %s with %i, one Chinese line, and no word of the operator's message", async (code, status) => {
    const shown = await respond(new AppError(code, "operator's detail"));
    expect(shown).toMatchObject({ status, code });
    expect(shown.message).toMatch(/^[^\n]*\p{Script=Han}[^\n]*$/u);
    expect(shown.message).not.toContain("operator");
    expect(shown.logged).toHaveLength(status >= 500 ? 1 : 0);
  });

  it.each<[ErrorCode, Record<string, unknown>, number, RegExp]>([
    ["channel.unverified", {}, 401, /重新打开/],
    ["http.bad_request", { subject: "identity" }, 400, /IDENTITY_KEY/],
    ["http.bad_request", { subject: "upload" }, 400, /再传一次/],
    ["http.bad_request", { subject: "something else" }, 400, /格式不对/],
    ["files.gone", {}, 404, /可能已经删除/],
    ["files.gone", { subject: "attachment" }, 404, /重新添加/],
    ["files.too_large", { mostMegabytes: 20 }, 413, /每个不能超过20MB/],
    ["files.too_large", {}, 413, /^文件太大了。/],
    ["files.too_large", { subject: "picture" }, 413, /图片的尺寸太大/],
    ["files.unavailable", {}, 503, /过几分钟/],
    ["http.unsupported_media_type", { subject: "file" }, 415, /PDF/],
    ["http.unsupported_media_type", { subject: "harmful" }, 415, /不安全/],
    ["http.unsupported_media_type", { subject: "empty" }, 415, /空的/],
  ])("says for %s %o what is meant", async (code, details, status, line) => {
    const shown = await respond(new AppError(code, "operator's detail", { details }));
    expect(shown).toMatchObject({ status, code });
    expect(shown.message).toMatch(line);
  });

  it("says when to try again", async () => {
    const error = new AppError("http.too_many_requests", "x", { details: { retryAfterSeconds: 17 } });
    expect((await respond(error)).retryAfter).toBe("17");
  });

  it.each([
    ["an unknown error", new Error("password=hunter2")],
    ["a thrown text", "hunter2"],
    ["a code that speaks of the inside", new AppError("storage.schema_newer", "hunter2")],
  ])("keeps %s inside and logs it with the request's id", async (_name, error) => {
    const shown = await respond(error);
    expect(shown).toMatchObject({ status: 500, code: "http.internal", logged: [{ requestId: "r1" }] });
    expect(shown.message).not.toContain("hunter2");
  });
});
