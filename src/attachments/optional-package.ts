import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/** Where a package that need not be there begins, as a `file:` address; undefined where it is not installed. */
export function findPackage(name: string): string | undefined {
  try {
    return pathToFileURL(createRequire(import.meta.url).resolve(name)).href;
  } catch {
    return undefined;
  }
}
