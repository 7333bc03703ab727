import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import { AppError } from "../../errors.ts";
import { limits } from "../formats/limits.ts";
import { refuseDocument } from "../formats/refuse-document.ts";
import type { DocumentOrigin } from "../policy-document.ts";

/** Folders of the knowledge folder that hold something else than documents to answer from. */
const otherFolders = new Set(["local", "tables", "flows", "golden", "lexicon"]);
const readableEndings = new Set([".md", ".markdown", ".txt", ".text", ".html", ".htm", ".docx", ".pdf"]);
/** Documents to an editor, but not to this program: listed, so that they are refused by name and not passed over. */
const officeEndings = new Set(
  ".doc .wps .rtf .odt .ofd .xls .xlsx .et .ods .csv .ppt .pptx .dps .odp".split(" "),
);

export interface LibraryFile {
  /** Relative to the folder, with forward slashes. */
  readonly path: string;
  /** Throws `knowledge.document_refused` for a file that is too large to be looked at. */
  readonly read: () => Promise<Uint8Array>;
}

/**
 * Lists the documents of a folder, below it in the order of their paths; a single file is a list of one. README
 * files, hidden files and files that nobody would take for a document are passed over, and in the knowledge folder
 * those that hold something else. Throws `knowledge.document_refused` where the path does not exist.
 */
export async function scanLibrary(root: string, origin: DocumentOrigin): Promise<LibraryFile[]> {
  const about = await stat(root).catch(() => undefined);
  if (about === undefined || !(about.isFile() || about.isDirectory()))
    throw new AppError("knowledge.document_refused", `找不到 ${root}，请检查路径`, {
      details: { name: root, reason: "missing" },
    });
  if (about.isFile()) return [{ path: basename(root), read: () => readBounded(root) }];
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths: string[] = [];
  for (const entry of entries) {
    const path = relative(root, join(entry.parentPath, entry.name)).split(sep).join("/");
    // Mounted configuration comes as links to files.
    const isFile = entry.isFile() || (entry.isSymbolicLink() && (await leadsToFile(join(root, path))));
    if (isFile && isDocument(path, origin)) paths.push(path);
  }
  return paths.sort().map((path) => ({ path, read: () => readBounded(join(root, path)) }));
}

async function leadsToFile(link: string): Promise<boolean> {
  const target = await stat(link).catch(() => undefined);
  return target?.isFile() ?? false;
}

function isDocument(path: string, origin: DocumentOrigin): boolean {
  const parts = path.split("/");
  const name = parts.at(-1) ?? "";
  if (parts.some((part) => part.startsWith(".") || part === "node_modules")) return false;
  if (origin === "library" && parts.length > 1 && otherFolders.has(parts[0] ?? "")) return false;
  // Office programs keep a lock file ~$name beside a document that is open.
  if (/^readme(\..*)?$/iu.test(name) || name.startsWith("~$")) return false;
  const ending = name.slice(name.lastIndexOf(".")).toLowerCase();
  return readableEndings.has(ending) || officeEndings.has(ending);
}

async function readBounded(file: string): Promise<Uint8Array> {
  const { size } = await stat(file);
  if (size > limits.fileBytes)
    throw refuseDocument(
      basename(file),
      "file_too_large",
      `文件超过 ${limits.fileBytes / 1_048_576} MB，请拆分或压缩图片后上传`,
    );
  return readFile(file);
}
