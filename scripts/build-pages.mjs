/**
 * Builds the browser pages into `dist/pages` with vite. Runs from npm's `prepare` on any Node ≥ 18, so it imports
 * nothing but Node itself before it knows that vite is there.
 *
 *   node scripts/build-pages.mjs             builds
 *   node scripts/build-pages.mjs --if-stale  builds only when `dist/pages` is absent or older than its sources
 *
 * Without vite (`npm ci --omit=dev`) it leaves `dist/pages` as it is, says so in one line and ends with 0.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, "dist", "pages");
const sources = [join(root, "src", "pages"), join(root, "vite.config.ts")];
const alreadyRestarted = process.argv.includes("--restarted");

/** Newest change below a path, folders included: a deleted file changes its folder. */
function newestChange(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce(
    (newest, name) => Math.max(newest, newestChange(join(path, name))),
    stat.mtimeMs,
  );
}

function isFresh() {
  const built = join(target, "index.html");
  const isWhole = existsSync(built) && existsSync(join(target, "embed.js"));
  return isWhole && sources.every((path) => newestChange(path) <= statSync(built).mtimeMs);
}

/** What vite 8 asks for: 20.19 of the 20 line, or 22.12 and later. */
function nodeIsNewEnough() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  return (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
}

/** The Node that `npm ci` brought, by its arch package: the link in `.bin` is not there on Windows. */
function bundledNode() {
  const platform = process.platform === "win32" ? "win" : process.platform;
  const name = process.platform === "win32" ? "node.exe" : "node";
  return [
    join(root, "node_modules", `node-${platform}-${process.arch}`, "bin", name),
    join(root, "node_modules", ".bin", name),
  ].find((path) => existsSync(path));
}

/** Builds beside the running pages and swaps, so that a failed build leaves the former ones in place. */
async function build() {
  // vite takes over a NODE_ENV that it finds (vitest sets "test"), and would leave development code in the pages.
  process.env.NODE_ENV = "production";
  const { build: viteBuild } = await import("vite");
  const fresh = join(root, "dist", `pages-new-${process.pid}`);
  const former = join(root, "dist", `pages-old-${process.pid}`);
  mkdirSync(dirname(target), { recursive: true });
  try {
    const configFile = join(root, "vite.config.ts");
    for (const mode of ["production", "embed"]) {
      await viteBuild({
        configFile,
        mode,
        logLevel: "warn",
        build: { outDir: fresh, emptyOutDir: mode === "production" },
      });
    }
    // The worker's page is what the bare address shows.
    renameSync(join(fresh, "chat", "index.html"), join(fresh, "index.html"));
    rmSync(join(fresh, "chat"), { recursive: true });
    if (existsSync(target)) renameSync(target, former);
    renameSync(fresh, target);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(former, { recursive: true, force: true });
  }
  console.log("pages: built into dist/pages");
}

async function main() {
  if (process.argv.includes("--if-stale") && isFresh()) return 0;
  if (!existsSync(join(root, "node_modules", "vite", "package.json"))) {
    const rest = existsSync(target)
      ? "dist/pages stays as it is"
      : "dist/pages is absent, no page can be served";
    console.log(`pages: not built, vite is not installed (development dependencies left out); ${rest}`);
    return 0;
  }
  if (nodeIsNewEnough()) {
    await build();
    return 0;
  }
  const newer = bundledNode();
  if (newer === undefined || alreadyRestarted) {
    console.error(
      `pages: not built, Node ${process.versions.node} is too old: use Node 20.19, 22.12 or newer`,
    );
    return 1;
  }
  return spawnSync(newer, [...process.argv.slice(1), "--restarted"], { stdio: "inherit" }).status ?? 1;
}

process.exitCode = await main();
