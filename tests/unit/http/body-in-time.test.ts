import { OpenAPIHono } from "@hono/zod-openapi";
import { describe, expect, it } from "vitest";
import { errorResponse } from "../../../src/http/error-response.ts";
import { bodyInTime } from "../../../src/http/middleware/body-in-time.ts";

function serve(timeoutMs: number) {
  const app = new OpenAPIHono();
  app.onError((error, c) => errorResponse(c, error, { error: () => {} }, "r1"));
  app.post("/", async (c) => c.text(await bodyInTime(c, c.req.text(), timeoutMs)));
  return (body: string | ReadableStream) =>
    app.request("/", { method: "POST", body, duplex: "half" } as RequestInit);
}

describe("a body", () => {
  it("that comes in time is read", async () => {
    expect(await (await serve(10_000)("好")).text()).toBe("好");
  });

  it("that does not come gives the connection up", async () => {
    const response = await serve(5)(new ReadableStream({ pull: () => new Promise(() => {}) }));
    expect(response.status).toBe(400);
    expect(response.headers.get("connection")).toBe("close");
  });

  it("that fails later harms nobody", async () => {
    const late = Promise.withResolvers<void>();
    const response = await serve(5)(
      new ReadableStream({
        pull: async (controller) => {
          await late.promise;
          controller.error(new Error("cut"));
        },
      }),
    );
    expect(response.status).toBe(400);
    late.resolve();
    await new Promise((resolve) => setTimeout(resolve, 5));
  });
});
