import { defineConfig } from "vitest/config";

/** One project per kind of test, so that each can be run alone. */
const project = (name: string, timeout: number) => ({
  test: {
    name,
    include: [`tests/${name}/**/*.test.ts`],
    testTimeout: timeout,
    hookTimeout: timeout,
  },
});

export default defineConfig({
  test: {
    projects: [
      project("unit", 10_000),
      project("contract", 60_000),
      project("integration", 120_000),
      project("e2e", 180_000),
    ],
    coverage: {
      provider: "v8",
      include: ["src/answering/**", "src/knowledge/**", "src/storage/**"],
      reporter: ["text-summary", "json-summary"],
      thresholds: { lines: 90 },
    },
  },
});
