import { AppError } from "../errors.ts";
import { HelperProcess } from "./helper-process.ts";
import { findPackage } from "./optional-package.ts";
import type { TextReader } from "./text-reader.ts";

export const ocrPackage = "@gutenye/ocr-node";

/** Adds the package, without the native runtime's own script: that one fetches libraries for graphics cards. */
export const ocrInstallLine =
  "npm pkg set allowScripts.onnxruntime-node=false allowScripts.sharp=false --json && npm install @gutenye/ocr-node@1.4.8";

/** What a decoder there can read; HEIC is not among it. */
const readTypes = ["image/jpeg", "image/png", "image/webp", "image/gif"];

/** Phones make smaller ones. */
const longestPicture = 20 * 1024 * 1024;

export interface PictureReader extends TextReader {
  /** Ends the helper process. */
  close(): void;
}

/**
 * Reads the text in pictures of papers, on this machine and in a process of its own; about 600 MB while it works,
 * given back after a minute without pictures. Throws `config.invalid` with the install line where the package is
 * missing.
 */
export function createPictureReader(packageName: string = ocrPackage): PictureReader {
  const found = findPackage(packageName);
  if (found === undefined) {
    throw new AppError(
      "config.invalid",
      `OCR=on needs a package that is not installed. Run: ${ocrInstallLine}`,
    );
  }
  const entry = new URL("./ocr-process.ts", import.meta.url);
  const helper = new HelperProcess({ entry, args: [found], jobMs: 20_000, idleMs: 60_000 });
  return {
    name: "picture",
    atOnce: 1,
    reads: ({ kind, mimeType, size }) =>
      (kind === "photo" || kind === "file") && readTypes.includes(mimeType) && size <= longestPicture,
    read: async ({ bytes }, signal) => (await helper.run(bytes, signal)) as string,
    close: () => helper.close(),
  };
}
