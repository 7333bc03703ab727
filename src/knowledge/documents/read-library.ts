import { createHash } from "node:crypto";
import { AppError, messageOf } from "../../errors.ts";
import type { Chunk } from "../chunk.ts";
import type { DocumentOrigin, PolicyDocument } from "../policy-document.ts";
import { cutChunks } from "../sections/cut-chunks.ts";
import type { LawRegister } from "./law-register.ts";
import { readDocument } from "./read-document.ts";
import { scanLibrary } from "./scan-library.ts";

export interface ReadVersion {
  readonly document: PolicyDocument;
  readonly chunks: readonly Chunk[];
  readonly fileHash: string;
}

/** A file that was not taken, with the line that tells the editor why and what to do. */
export interface Refusal {
  readonly path: string;
  readonly reason: string;
}

export interface ReadLibrary {
  readonly versions: readonly ReadVersion[];
  /** Paths whose bytes are those of a known version: not read again. */
  readonly unchangedPaths: readonly string[];
  readonly refused: readonly Refusal[];
}

export interface ReadOptions {
  readonly origin: DocumentOrigin;
  readonly register: LawRegister;
  /** Id of the document that this very file gave before, so that it need not be read again. */
  readonly knownAs?: (path: string, fileHash: string) => string | undefined;
  /** Goes into every file's hash: another value means that all files are read again. */
  readonly salt?: string;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Reads every document of a folder. A broken file is refused by name; the rest goes on. */
export async function readLibrary(root: string, options: ReadOptions): Promise<ReadLibrary> {
  const files = await scanLibrary(root);
  const versions: ReadVersion[] = [];
  const unchangedPaths: string[] = [];
  const refused: Refusal[] = [];
  const pathOf = new Map<string, string>();
  for (const [done, file] of files.entries()) {
    options.signal?.throwIfAborted();
    options.onProgress?.(done, files.length);
    try {
      const bytes = await file.read();
      const fileHash = createHash("sha256")
        .update(`${options.salt ?? ""}\n${file.path}\n`)
        .update(bytes)
        .digest("hex");
      const knownId = options.knownAs?.(file.path, fileHash);
      if (knownId !== undefined) {
        pathOf.set(knownId, file.path);
        unchangedPaths.push(file.path);
        continue;
      }
      const document = await readDocument(
        { path: file.path, bytes, origin: options.origin },
        options.register,
        options.signal,
      );
      const other = pathOf.get(document.id);
      if (other !== undefined) {
        refused.push({
          path: file.path,
          reason: `编号 ${document.id} 与 ${other} 重复，请改其中一个的 id 或标题`,
        });
        continue;
      }
      pathOf.set(document.id, file.path);
      versions.push({ document, chunks: cutChunks(document), fileHash });
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof AppError)) throw error;
      refused.push({ path: file.path, reason: messageOf(error) });
    }
  }
  return { versions, unchangedPaths, refused };
}
