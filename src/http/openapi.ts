import { type OpenAPIHono, z } from "@hono/zod-openapi";

const errorBody = z
  .object({
    error: z.object({
      code: z.string().openapi({ example: "http.bad_request" }),
      message: z.string().openapi({ description: "One line in Chinese for the visitor." }),
    }),
  })
  .openapi("Error");

/** Adds `GET /api/openapi.json`, which describes every route that is mounted. */
export function mountOpenApi(app: OpenAPIHono, version: string): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "visitor", {
    type: "http",
    scheme: "bearer",
    description: "The token from POST /api/visitors.",
  });
  app.openAPIRegistry.register("Error", errorBody);
  let document: object | undefined;
  app.get("/api/openapi.json", (c) => {
    document ??= describe(app, version);
    return c.json(document);
  });
}

function describe(app: OpenAPIHono, version: string): object {
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Niangjia", version, description: "The worker's API: visitor tokens only." },
  });
  // Said once here instead of in every route: all of them fail in the same form.
  const failure = {
    description: "400, 401, 404, 413, 415, 422, 429 (with Retry-After), 500 or 503.",
    content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
  };
  for (const item of Object.values(document.paths ?? {})) {
    for (const operation of [item.get, item.post, item.put, item.patch, item.delete]) {
      if (operation !== undefined) {
        operation.responses = { ...operation.responses, default: failure };
      }
    }
  }
  return document;
}
