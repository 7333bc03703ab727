import { AppError, messageOf } from "../../errors.ts";
import type { StoredVersion } from "../knowledge-store.ts";
import type { DocumentOrigin } from "../policy-document.ts";
import { cutChunks } from "../sections/cut-chunks.ts";
import type { LawRegister } from "./law-register.ts";
import { fileHashOf, readDocument } from "./read-document.ts";
import { reviewDocuments, type StayingDocument } from "./review-documents.ts";
import { type LibraryFile, scanLibrary } from "./scan-library.ts";

/** A file that was not taken, with the line that tells the editor why and what to do. */
export interface Refusal {
  readonly path: string;
  readonly reason: string;
}

export interface ReadLibrary {
  readonly versions: readonly StoredVersion[];
  /** Paths whose bytes are those of a known version: not read again. */
  readonly unchangedPaths: readonly string[];
  readonly refused: readonly Refusal[];
}

export interface ReadOptions {
  readonly origin: DocumentOrigin;
  readonly register: LawRegister;
  /** Id of the document that this very file gave before, so that it need not be read again. */
  readonly knownAs?: (path: string, fileHash: string) => string | undefined;
  /** Ids that documents from elsewhere have already, with where they come from: a file with one of them is refused. */
  readonly taken?: ReadonlyMap<string, string>;
  /** Documents that serve now: what is read is looked at beside those that stay. */
  readonly current?: readonly StayingDocument[];
  /** Text of one of them, to look for duplicates; undefined where it is not at hand. */
  readonly textOf?: (documentId: string) => string | undefined;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Reads every document of a folder, or a single file. A broken file is refused by name; the rest goes on. Of two
 * files with one id the one that is known already is kept, else the first in the order of paths. Throws
 * `knowledge.document_refused` where there is no such folder or file, and the reason of `signal`.
 */
export async function readLibrary(root: string, options: ReadOptions): Promise<ReadLibrary> {
  const files = await scanLibrary(root, options.origin);
  const versions: StoredVersion[] = [];
  const refused: Refusal[] = [];
  const refuse = (path: string, error: unknown) => {
    options.signal?.throwIfAborted();
    refused.push({ path, reason: reasonOf(error) });
  };

  const pathOf = new Map(options.taken);
  const unread: LibraryFile[] = [];
  for (const file of files) {
    options.signal?.throwIfAborted();
    try {
      const { path, read } = file;
      const known = options.knownAs?.(
        path,
        fileHashOf({ path, bytes: await read(), origin: options.origin }),
      );
      if (known === undefined) unread.push(file);
      else pathOf.set(known, file.path);
    } catch (error) {
      refuse(file.path, error);
    }
  }

  const done = files.length - unread.length;
  for (const [read, file] of unread.entries()) {
    options.onProgress?.(done + read, files.length);
    try {
      const version = await readVersion(file, options);
      const { id } = version.document;
      const other = pathOf.get(id);
      if (other !== undefined)
        throw new AppError(
          "knowledge.document_refused",
          `编号 ${id} 与 ${other} 重复，请改其中一个的 id 或标题`,
        );
      pathOf.set(id, file.path);
      versions.push(version);
    } catch (error) {
      refuse(file.path, error);
    }
  }
  const notUnchanged = new Set([...unread, ...refused].map(({ path }) => path));
  return {
    versions: reviewDocuments(versions, stayingOf(files, options), options.textOf),
    unchangedPaths: files.map(({ path }) => path).filter((path) => !notUnchanged.has(path)),
    refused,
  };
}

/** Of the documents that serve, those that do not go with this reading. */
function stayingOf(
  files: readonly LibraryFile[],
  { current = [], origin: read }: ReadOptions,
): readonly StayingDocument[] {
  const paths = new Set(files.map(({ path }) => path));
  return current.filter(
    ({ origin, path, kind }) => read === "added" || origin === "added" || kind === "local" || paths.has(path),
  );
}

async function readVersion(
  { path, read }: LibraryFile,
  { origin, register, signal }: ReadOptions,
): Promise<StoredVersion> {
  const file = { path, bytes: await read(), origin };
  const document = await readDocument(file, register, signal);
  return { document, chunks: cutChunks(document), fileHash: fileHashOf(file) };
}

const systemFaults: Readonly<Record<string, string>> = {
  EACCES: "没有读取这个文件的权限",
  EPERM: "没有读取这个文件的权限",
  ENOENT: "读取时文件已经不在了",
};

function reasonOf(error: unknown): string {
  if (error instanceof AppError) return error.message;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return systemFaults[code] ?? `无法读取：${messageOf(error)}`;
}
