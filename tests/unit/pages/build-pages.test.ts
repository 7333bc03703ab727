import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("../../../scripts/build-pages.mjs", import.meta.url));
let root: string;

/** A checkout without node_modules: whether a build was tried shows in the line about the missing vite. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "build-pages-"));
  for (const folder of ["scripts", "src/pages/chat", "dist/pages"])
    mkdirSync(join(root, folder), { recursive: true });
  cpSync(script, join(root, "scripts", "build-pages.mjs"));
  for (const file of [
    "src/pages/chat/app.tsx",
    "vite.config.ts",
    "dist/pages/index.html",
    "dist/pages/embed.js",
  ]) {
    writeFileSync(join(root, file), "");
  }
  const before = new Date(2026, 0, 1);
  for (const path of ["src/pages/chat/app.tsx", "src/pages/chat", "src/pages", "vite.config.ts"]) {
    utimesSync(join(root, path), before, before);
  }
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function build(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "scripts/build-pages.mjs"), ...args],
    {
      encoding: "utf8",
    },
  );
  return { status, lines: `${stdout}${stderr}`.split("\n").filter((line) => line !== "") };
}

describe("building the pages", () => {
  it("ends well and says so in one line when vite is not installed", () => {
    const { status, lines } = build();
    expect(status).toBe(0);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("vite is not installed");
  });

  it("does nothing with --if-stale when the built pages are newer than their sources", () => {
    expect(build("--if-stale")).toEqual({ status: 0, lines: [] });
  });

  it("builds with --if-stale when a source is newer, deleted, or nothing is built", () => {
    const later = new Date(Date.now() + 60_000);
    utimesSync(join(root, "src/pages/chat/app.tsx"), later, later);
    expect(build("--if-stale").lines).toHaveLength(1);

    const before = new Date(2026, 0, 1);
    utimesSync(join(root, "src/pages/chat/app.tsx"), before, before);
    rmSync(join(root, "src/pages/chat/app.tsx"));
    utimesSync(join(root, "src/pages/chat"), later, later);
    expect(build("--if-stale").lines).toHaveLength(1);

    rmSync(join(root, "dist/pages/embed.js"));
    utimesSync(join(root, "src/pages/chat"), before, before);
    expect(build("--if-stale").lines).toHaveLength(1);

    rmSync(join(root, "dist"), { recursive: true });
    expect(build("--if-stale").lines[0]).toContain("no page can be served");
  });
});
