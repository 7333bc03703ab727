import { HelperProcess } from "./helper-process.ts";
import { findPackage } from "./optional-package.ts";

/** Makes a WAV of the SILK in which WeChat sends voices. */
export interface SilkDecoder {
  decodes(size: number): boolean;
  /** Rejects with `model.unavailable` for what is no SILK, and with the signal's reason. */
  decode(silk: Uint8Array, signal: AbortSignal): Promise<Uint8Array>;
  close(): void;
}

export const silkPackage = "silk-wasm";

/** A minute of WeChat voice has about 200 kB. */
const longestSilk = 2 * 1024 * 1024;

/** Undefined where the package is not installed. Nothing starts before the first voice. */
export function createSilkDecoder(packageName: string = silkPackage): SilkDecoder | undefined {
  const found = findPackage(packageName);
  if (found === undefined) return undefined;
  const entry = new URL("./silk-process.ts", import.meta.url);
  const helper = new HelperProcess({ entry, args: [found], jobMs: 10_000, idleMs: 60_000 });
  return {
    decodes: (size) => size <= longestSilk,
    decode: async (silk, signal) => (await helper.run(silk, signal)) as Uint8Array,
    close: () => helper.close(),
  };
}
