import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { gzipSync } from "node:zlib";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";

const contentTypes: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json; charset=utf-8",
  ".webp": "image/webp",
};

const compressible = /text|json|svg/;

/** The script that other sites load, under a name without a hash. */
const embedScript = "/embed.js";

function cachingOf(path: string): string {
  if (path === embedScript) {
    return "public, max-age=600";
  }
  return path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
}

interface Page {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly gzipped?: Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
}

const notBuilt = "网页还没有构建：请在程序目录运行 npm run prepare，然后刷新本页。\n";

/**
 * Serves the built pages from memory: `/` is `index.html`, which is always revalidated; what lies below `/assets/`
 * has a hash in its name and is kept for good. Only files that were there when they were read can be asked for,
 * so no address leads out of the folder. `/embed.js` is for other sites and may be kept for a short while. Where
 * the pages are not built, `/` says how to build them.
 */
export function mountStaticPages(app: OpenAPIHono, directory: string): void {
  let pages: Promise<ReadonlyMap<string, Page>> | undefined;
  const load = async () => {
    pages ??= readPages(directory);
    const loaded = await pages;
    if (!loaded.has("/")) {
      // Built later, they are found at the next request.
      pages = undefined;
    }
    return loaded;
  };
  app.get("/*", async (c, next) => {
    const page = (await load()).get(c.req.path);
    if (page !== undefined) {
      return respond(c, page);
    }
    return c.req.path === "/" ? c.text(notBuilt, 503) : next();
  });
}

function respond(c: Context, { body, gzipped, headers }: Page): Response {
  if (c.req.header("if-none-match") === headers.ETag) {
    return c.body(null, 304, headers);
  }
  if (gzipped !== undefined && /\bgzip\b/.test(c.req.header("accept-encoding") ?? "")) {
    return c.body(gzipped, 200, { ...headers, "Content-Encoding": "gzip" });
  }
  return c.body(body, 200, headers);
}

async function readPages(directory: string): Promise<ReadonlyMap<string, Page>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(
    (error: unknown) => {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") {
        return [];
      }
      throw error;
    },
  );
  const pages = new Map<string, Page>();
  for (const entry of entries.filter((found) => found.isFile())) {
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(directory, file).split(sep).join("/")}`;
    pages.set(path === "/index.html" ? "/" : path, toPage(path, await readFile(file)));
  }
  return pages;
}

function toPage(path: string, content: Buffer): Page {
  const type = contentTypes[extname(path)] ?? "application/octet-stream";
  const body = new Uint8Array(content);
  const headers = {
    "Content-Type": type,
    "Cache-Control": cachingOf(path),
    ETag: `"${createHash("sha256").update(content).digest("base64url").slice(0, 22)}"`,
    Vary: "Accept-Encoding",
    ...(path === embedScript ? { "Cross-Origin-Resource-Policy": "cross-origin" } : {}),
  };
  return compressible.test(type)
    ? { body, gzipped: new Uint8Array(gzipSync(content)), headers }
    : { body, headers };
}
