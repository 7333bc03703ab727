import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** One project per kind of test, so that each can be run alone. */
const project = (name: string, timeout: number) => ({
  test: {
    name,
    include: [`tests/${name}/**/*.test.ts`],
    testTimeout: timeout,
    hookTimeout: timeout,
    // Where others share the machine a process may stand still for seconds: what fails once is tried again there.
    retry: process.env.CI === undefined ? 0 : 2,
    // Waiting for a state takes as long as a busy machine needs.
    expect: { poll: { timeout: Math.min(timeout, 20_000), interval: 20 } },
  },
});

export default defineConfig({
  test: {
    // Two also where one core would be left free: many tests wait for a process or a clock.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    globalSetup: "tests/support/databases-of-run.ts",
    projects: [
      project("unit", 10_000),
      project("contract", 60_000),
      project("integration", 120_000),
      project("e2e", 180_000),
    ],
    coverage: {
      provider: "v8",
      include: ["src/answering/**/*.ts", "src/knowledge/**/*.ts", "src/storage/**/*.ts"],
      reporter: ["text-summary", "json-summary"],
      thresholds: {
        "src/answering/**": { lines: 90 },
        "src/knowledge/**": { lines: 90 },
        "src/storage/**": { lines: 90 },
      },
    },
  },
});
