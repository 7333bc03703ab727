import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { AppError } from "../../errors.ts";

/** Folders of the knowledge folder that hold something else than documents to answer from. */
const otherFolders = new Set(["local", "tables", "flows", "golden", "lexicon", "node_modules"]);
const readableEndings = new Set([".md", ".markdown", ".txt", ".html", ".htm", ".docx", ".pdf"]);

export interface LibraryFile {
  /** Relative to the folder, with forward slashes. */
  readonly path: string;
  readonly read: () => Promise<Uint8Array>;
}

/**
 * Lists the documents of a folder, below it in reading order; a single file is a list of one. README files, hidden
 * files and other endings are passed over. Throws `knowledge.document_refused` where the path does not exist.
 */
export async function scanLibrary(root: string): Promise<LibraryFile[]> {
  const about = await stat(root).catch(() => undefined);
  if (about === undefined)
    throw new AppError("knowledge.document_refused", `找不到 ${root}，请检查路径`, {
      details: { name: root, reason: "missing" },
    });
  if (about.isFile()) return [{ path: root.split(/[\\/]/u).at(-1) ?? root, read: () => readFile(root) }];
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter(isDocument)
    .sort()
    .map((path) => ({ path, read: () => readFile(join(root, path)) }));
}

function isDocument(path: string): boolean {
  const parts = path.split("/");
  const name = parts.at(-1) ?? "";
  if (parts.some((part) => part.startsWith(".")) || otherFolders.has(parts[0] ?? "")) return false;
  if (/^readme(\..*)?$/iu.test(name)) return false;
  return readableEndings.has(name.slice(name.lastIndexOf(".")).toLowerCase());
}
