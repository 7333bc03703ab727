import { fileURLToPath } from "node:url";
import { defineConfig, type UserConfig } from "vite";

const pages = fileURLToPath(new URL("./src/pages/", import.meta.url));

/** The oldest browsers that workers' phones still bring, among them the one inside WeChat. */
const target = ["es2018", "chrome70", "safari12"];

const common: UserConfig = { root: pages, base: "/", publicDir: false };
const outDir = fileURLToPath(new URL("./dist/pages/", import.meta.url));

/** The pages: an `index.html` for each, and `assets/` with hashed names, which browsers may keep for a year. */
const site: UserConfig = {
  ...common,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir,
    emptyOutDir: true,
    target,
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: { input: { chat: `${pages}chat/index.html` } },
  },
};

/** The one script that other sites load: a plain one, under a name that stays. */
const embed: UserConfig = {
  ...common,
  build: {
    outDir,
    emptyOutDir: false,
    target,
    modulePreload: false,
    rolldownOptions: {
      input: `${pages}embed/embed.ts`,
      output: { format: "iife", entryFileNames: "embed.js" },
    },
  },
};

/** Builds the browser pages. Run by `scripts/build-pages.mjs`, once for each mode. */
export default defineConfig(({ mode }) => (mode === "embed" ? embed : site));
