import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createHttpApp, type HttpAppOptions } from "../../../src/http/http-app.ts";
import type { Passage } from "../../../src/http/passages.ts";
import { createRateLimiter } from "../../../src/http/rate-limiter.ts";
import { type RunningServer, startServer } from "../../../src/http/server.ts";
import { createLogger } from "../../../src/telemetry/logger.ts";
import { createMetrics } from "../../../src/telemetry/metrics.ts";

const passage: Passage = {
  id: "c/1#2",
  document: "劳动合同法",
  section: "第八十二条",
  path: ["第七章"],
  text: "二倍的工资",
  source: "《劳动合同法》（2012-12-28）",
  region: "全国",
  context: [{ id: "c/1#2", section: "第八十二条", text: "二倍的工资", current: true }],
};

let folder: string;
let log: string[];
let running: RunningServer[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "niangjia-pages-"));
  log = [];
  running = [];
});

afterEach(async () => {
  await Promise.all(running.map((server) => server.stop(0)));
  await rm(folder, { recursive: true, force: true });
});

async function serve(options: Partial<HttpAppOptions> = {}): Promise<string> {
  let id = 0;
  const app = createHttpApp({
    routes: [],
    about: () => ({
      federation: "重庆市总工会",
      assistant: "娘家人",
      hotlines: [{ number: "12351", name: "职工维权热线", purpose: "维权咨询" }],
      examples: ["没签合同怎么办"],
      limits: { messageCharacters: 4_000 },
    }),
    findPassage: async (chunkId) => (chunkId === passage.id ? passage : undefined),
    health: {
      storage: { required: true, check: () => "ok" },
      knowledge: { required: true, check: async () => "ok" as const },
      model: { required: false, check: () => "off" },
    },
    metrics: createMetrics({ version: "0.0.0" }),
    logger: createLogger({ level: "debug", stream: { write: (line) => log.push(line) } }),
    addressLimit: createRateLimiter({ perMinute: 1_000 }),
    trustProxy: false,
    pagesDir: join(folder, "pages"),
    newId: () => `request-${++id}`,
    now: () => performance.now(),
    version: "9.8.7",
    ...options,
  });
  const server = await startServer({ app, host: "127.0.0.1", port: 0, endStreams: () => {} });
  running.push(server);
  return server.url;
}

async function buildPages(): Promise<void> {
  await mkdir(join(folder, "pages", "assets"), { recursive: true });
  await writeFile(join(folder, "pages", "index.html"), "<!doctype html><title>娘家人</title>");
  await writeFile(join(folder, "pages", "assets", "index-Ab12.js"), `console.log("${"a".repeat(5_000)}")`);
  await writeFile(join(folder, "pages", "assets", "logo.png"), Uint8Array.of(137, 80, 78, 71));
  await writeFile(join(folder, "secret.txt"), "SECRET");
}

/** A request whose path is sent as it is written. */
async function rawGet(url: string, path: string): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    get({ hostname, port, path }, async (response) => {
      resolve({ status: response.statusCode ?? 0, body: await readText(response) });
    }).on("error", reject);
  });
}

describe("the pages", () => {
  it("are served with the index always asked for again and hashed files kept for good", async () => {
    await buildPages();
    const url = await serve();
    const index = await fetch(`${url}/`);
    expect(await index.text()).toContain("娘家人");
    expect(index.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(index.headers.get("cache-control")).toBe("no-cache");
    const script = await fetch(`${url}/assets/index-Ab12.js`);
    expect(script.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(script.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    const image = await fetch(`${url}/assets/logo.png`, { headers: { "accept-encoding": "gzip" } });
    expect(image.headers.get("content-encoding")).toBeNull();
    expect(new Uint8Array(await image.arrayBuffer())).toEqual(Uint8Array.of(137, 80, 78, 71));
  });

  it("are not sent again to a browser that has them, and compressed to one that can read that", async () => {
    await buildPages();
    const url = await serve();
    const etag = (await fetch(`${url}/`)).headers.get("etag") ?? "";
    const again = await fetch(`${url}/`, { headers: { "if-none-match": etag } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    const { port } = new URL(url);
    const compressed = await new Promise<Buffer>((resolve, reject) => {
      const headers = { "accept-encoding": "gzip, br" };
      get({ port, path: "/assets/index-Ab12.js", headers }, async (response) => {
        expect(response.headers["content-encoding"]).toBe("gzip");
        resolve(Buffer.concat(await response.toArray()));
      }).on("error", reject);
    });
    expect(compressed.length).toBeLessThan(500);
    expect(gunzipSync(compressed).toString()).toContain("aaaa");
  });

  it("give other sites the script that embeds them, for a short while", async () => {
    await buildPages();
    await writeFile(join(folder, "pages", "embed.js"), "(function(){})()");
    const { headers } = await fetch(`${await serve()}/embed.js`);
    expect(headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    expect(headers.get("cache-control")).toBe("public, max-age=600");
    expect(headers.get("cross-origin-resource-policy")).toBe("cross-origin");
    const page = await fetch(`${await serve()}/`);
    expect(page.headers.get("cross-origin-resource-policy")).toBe("same-origin");
  });

  it.each([
    "/../secret.txt",
    "/assets/../../secret.txt",
    "/assets/..%2f..%2fsecret.txt",
    "/%2e%2e/secret.txt",
    "/..\\secret.txt",
    "//etc/passwd",
    "/assets/%00",
    "/assets",
    "/%ff%fe",
  ])("never lead out of their folder by %s", async (path) => {
    await buildPages();
    const { status, body } = await rawGet(await serve(), path);
    expect([400, 404]).toContain(status);
    expect(body).not.toContain("SECRET");
  });

  it("say how to build them where they are not built, and are found once they are", async () => {
    const url = await serve();
    const missing = await fetch(`${url}/`);
    expect(missing.status).toBe(503);
    expect(await missing.text()).toContain("npm run prepare");
    await buildPages();
    expect((await fetch(`${url}/`)).status).toBe(200);
  });
});

describe("every response", () => {
  it("carries strict security headers and its own request id", async () => {
    await buildPages();
    const url = await serve();
    for (const path of ["/", "/api/about", "/api/nothing", "/healthz"]) {
      const { headers } = await fetch(`${url}${path}`, { headers: { "x-request-id": "from outside" } });
      expect(headers.get("content-security-policy")).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob:; " +
          "frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
      );
      expect(headers.get("x-frame-options")).toBe("SAMEORIGIN");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("strict-transport-security")).toBeNull();
      expect(headers.get("x-request-id")).toMatch(/^request-\d+$/);
    }
  });

  it("lets the named sites show the worker's page in a frame, and nothing else", async () => {
    await buildPages();
    const url = await serve({ embedOrigins: ["https://union.example", "https://app.example:8443"] });
    const page = await fetch(`${url}/`);
    expect(page.headers.get("content-security-policy")).toContain(
      "frame-ancestors 'self' https://union.example https://app.example:8443;",
    );
    expect(page.headers.get("x-frame-options")).toBeNull();
    for (const path of ["/api/about", "/healthz", "/assets/index-Ab12.js", "/nothing"]) {
      const { headers } = await fetch(`${url}${path}`);
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'self';");
      expect(headers.get("x-frame-options")).toBe("SAMEORIGIN");
    }
  });

  it("keeps a header that its route chose itself", async () => {
    const own = "default-src 'none'; sandbox";
    const url = await serve({
      routes: [(app) => app.get("/own", (c) => c.text("", 200, { "Content-Security-Policy": own }))],
    });
    const { headers } = await fetch(`${url}/own`);
    expect(headers.get("content-security-policy")).toBe(own);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("below /api is not kept by any cache", async () => {
    expect((await fetch(`${await serve()}/api/about`)).headers.get("cache-control")).toBe("no-store");
  });

  it("is logged and counted by its route, without address, query or body", async () => {
    const url = await serve();
    await fetch(`${url}/api/passages/geheim?question=geheim`);
    await fetch(`${url}/geheim-page`);
    const entries = log.map((line) => JSON.parse(line));
    expect(entries).toMatchObject([
      { level: "info", method: "GET", route: "/api/passages/:chunkId", status: 404, requestId: "request-1" },
      { level: "debug", method: "GET", route: "other", status: 404 },
    ]);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('route="/api/passages/:chunkId",status="404"} 1');
    expect(log.join("") + metrics).not.toContain("geheim");
  });
});

describe("the API", () => {
  it("takes other bodies than JSON only where a route wants them", async () => {
    const url = await serve({
      rawPaths: ["/api/raw"],
      routes: [
        (app) => app.post("/api/raw", async (c) => c.text(String((await c.req.arrayBuffer()).byteLength))),
        (app) => app.post("/api/raw/more", (c) => c.text("never")),
      ],
    });
    const send = (path: string) => fetch(`${url}${path}`, { method: "POST", body: new Uint8Array(100_000) });
    expect(await (await send("/api/raw")).text()).toBe("100000");
    expect((await send("/api/raw/more")).status).toBe(413);
    expect((await send("/api/raw/")).status).toBe(413);
  });

  it("tells whose assistant it is", async () => {
    const response = await fetch(`${await serve()}/api/about`);
    expect(await response.json()).toMatchObject({
      federation: "重庆市总工会",
      limits: { messageCharacters: 4_000 },
    });
  });

  it("opens a passage, also one whose id needs escaping", async () => {
    const response = await fetch(`${await serve()}/api/passages/${encodeURIComponent(passage.id)}`);
    expect(await response.json()).toEqual(passage);
  });

  it("counts an address by what the trusted proxy wrote, not by what the sender claims", async () => {
    const url = await serve({ trustProxy: true, addressLimit: createRateLimiter({ perMinute: 1 }) });
    const ask = async (forwarded: string) =>
      (await fetch(`${url}/api/about`, { headers: { "x-forwarded-for": forwarded } })).status;
    expect(await ask("1.1.1.1, 9.9.9.9")).toBe(200);
    expect(await ask("2.2.2.2, 9.9.9.9")).toBe(429);
    expect(await ask("9.9.9.8")).toBe(200);
  });

  it("describes itself", async () => {
    const document = await (await fetch(`${await serve()}/api/openapi.json`)).json();
    expect(document).toMatchObject({
      openapi: "3.1.0",
      info: { version: "9.8.7" },
      paths: {
        "/api/about": {
          get: {
            responses: {
              200: { content: { "application/json": { schema: { $ref: "#/components/schemas/About" } } } },
              default: {
                content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
              },
            },
          },
        },
      },
      components: { securitySchemes: { visitor: { scheme: "bearer" } }, schemas: { Error: {}, Passage: {} } },
    });
  });
});

describe("the health checks", () => {
  it("are ready without a model", async () => {
    const response = await fetch(`${await serve()}/readyz`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      status: "ok",
      checks: { storage: "ok", knowledge: "ok", model: "off" },
    });
  });

  it("are not ready while a required part fails, but alive; a failing model does not count", async () => {
    const url = await serve({
      health: {
        storage: {
          required: true,
          check: async () => {
            throw new Error("postgres://u:p@h/ is down");
          },
        },
        knowledge: { required: true, check: () => "ok" },
        model: { required: false, check: () => "failing" },
      },
    });
    const response = await fetch(`${url}/readyz`);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({
      status: "unavailable",
      checks: { storage: "failing", knowledge: "ok", model: "failing" },
    });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
});
