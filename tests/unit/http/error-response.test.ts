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
