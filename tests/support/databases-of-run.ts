import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** A folder of this run of the tests alone, for `data-folder.ts`. */
    readonly databasesOfRun: string;
  }
}

/** Makes the folder before the first test and removes it after the last. */
export default async function prepareRun({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "niangjia-run-"));
  provide("databasesOfRun", folder);
  return () => rm(folder, { recursive: true, force: true });
}
