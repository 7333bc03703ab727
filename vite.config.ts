import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const pages = fileURLToPath(new URL("./src/pages/", import.meta.url));

/**
 * Builds the browser pages: an `index.html` for each page, and `assets/` with hashed names, which the server may let
 * browsers keep for a year. Run through `scripts/build-pages.mjs`, which puts the result into `dist/pages`. The
 * targets are the oldest browsers that workers' phones still bring, among them the one inside WeChat.
 */
export default defineConfig({
  root: pages,
  base: "/",
  publicDir: false,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: fileURLToPath(new URL("./dist/pages/", import.meta.url)),
    emptyOutDir: true,
    target: ["es2018", "chrome70", "safari12"],
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: { input: { chat: `${pages}chat/index.html` } },
  },
});
