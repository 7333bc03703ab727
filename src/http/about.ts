import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";

const about = z
  .object({
    federation: z.string(),
    assistant: z.string(),
    hotlines: z
      .array(
        z.object({ number: z.string(), name: z.string(), purpose: z.string(), when: z.string().optional() }),
      )
      .readonly(),
    examples: z.array(z.string()).readonly().openapi({ description: "Questions to begin with." }),
    limits: z.object({
      messageCharacters: z.int(),
      fileBytes: z.int().optional().openapi({ description: "Of one file; absent: 20 MB." }),
    }),
  })
  .openapi("About");

export type About = z.infer<typeof about>;

const route = createRoute({
  method: "get",
  path: "/api/about",
  summary: "Whose assistant this is",
  responses: {
    200: { description: "The same for everybody.", content: { "application/json": { schema: about } } },
  },
});

/** What the page shows before the first message; `read` is asked every time, because a reload may change it. */
export function mountAbout(app: OpenAPIHono, read: () => About): void {
  app.openapi(route, (c) => c.json(read(), 200));
}
