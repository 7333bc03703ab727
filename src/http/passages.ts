import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { AppError } from "../errors.ts";

const passage = z
  .object({
    id: z.string(),
    document: z.string(),
    section: z.string(),
    path: z.array(z.string()).readonly(),
    text: z.string(),
    source: z.string(),
    region: z.string(),
    effective: z.string().optional(),
    repealed: z.string().optional(),
    verified: z.string().optional(),
    context: z
      .array(z.object({ id: z.string(), section: z.string(), text: z.string(), current: z.boolean() }))
      .readonly()
      .openapi({ description: "The passage among its neighbours, in reading order." }),
  })
  .openapi("Passage");

export type Passage = z.infer<typeof passage>;

/** Opens a citation; undefined where there is no such chunk (any more). */
export type FindPassage = (chunkId: string) => Promise<Passage | undefined>;

const route = createRoute({
  method: "get",
  path: "/api/passages/{chunkId}",
  summary: "Open a cited passage",
  request: { params: z.object({ chunkId: z.string().min(1).max(300) }) },
  responses: { 200: { description: "The passage.", content: { "application/json": { schema: passage } } } },
});

export function mountPassages(app: OpenAPIHono, findPassage: FindPassage): void {
  app.openapi(route, async (c) => {
    const found = await findPassage(c.req.valid("param").chunkId);
    if (found === undefined) {
      throw new AppError("http.not_found", "There is no such passage.");
    }
    return c.json(found, 200);
  });
}
