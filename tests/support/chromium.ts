import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** The browser for end-to-end tests: `CHROMIUM`, else where Debian puts it; undefined where there is none. */
export const chromiumPath: string | undefined = [process.env.CHROMIUM, "/usr/bin/chromium"].find(
  (path) => path !== undefined && path !== "" && existsSync(path),
);

/** Starts a headless Chromium; root (as in containers) can run it only without its sandbox. */
export function launchChromium(executablePath: string): Promise<Browser> {
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({ executablePath, args: isRoot ? ["--no-sandbox"] : [] });
}
