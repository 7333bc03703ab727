import { AppError } from "../errors.ts";
import type { FileStore } from "../messaging/file-store.ts";
import type { AttachmentKind } from "../messaging/message.ts";
import type { RefusalReason } from "../messaging/refusal-reason.ts";
import type { KeptAttachment } from "./attachment-store.ts";
import { FileRefused } from "./file-refused.ts";
import { checkedPicture } from "./image-check.ts";
import { refusalOf } from "./refusal-of.ts";
import { sniff, sniffedLength, typeForKind } from "./sniff.ts";

export interface FileToKeep {
  /** Under which it is kept. */
  readonly id: string;
  readonly kind: AttachmentKind;
  readonly name?: string;
}

/**
 * Keeps a file whole, or not at all, having looked at its content while it passes. Throws `FileRefused`, what the store throws, and what the content throws.
 */
export async function keepFile(
  files: FileStore,
  file: FileToKeep,
  content: AsyncIterable<Uint8Array>,
  mostBytes: number,
): Promise<KeptAttachment> {
  let mimeType = "";
  const kept = await files.save(
    file.id,
    examined(content, file, (found) => {
      mimeType = found;
    }),
    mostBytes,
  );
  return { ...kept, mimeType };
}

/**
 * The same for one who tells the contact at once: what is wrong with the file comes back as the reason. Throws only
 * what the store and the content throw.
 */
export async function keepOrRefuse(
  ...[files, file, content, mostBytes]: Parameters<typeof keepFile>
): Promise<KeptAttachment | { readonly refused: RefusalReason }> {
  try {
    return await keepFile(files, file, content, mostBytes);
  } catch (error) {
    if (error instanceof FileRefused || (error instanceof AppError && error.code === "files.too_large"))
      return { refused: refusalOf(error) };
    throw error;
  }
}

async function* examined(
  content: AsyncIterable<Uint8Array>,
  file: FileToKeep,
  found: (mimeType: string) => void,
): AsyncGenerator<Uint8Array> {
  const pieces = headFirst(content, sniffedLength);
  try {
    const { value: head } = await pieces.next();
    const mimeType = typeOf(head ?? Buffer.alloc(0), file);
    found(mimeType);
    yield* checkedPicture(joined(head ?? Buffer.alloc(0), pieces), mimeType);
  } finally {
    await pieces.return(undefined);
  }
}

function typeOf(head: Uint8Array, { kind, name }: FileToKeep): string {
  if (head.length === 0) throw new FileRefused("empty");
  const sniffed = sniff(head, name);
  if (sniffed === "harmful") throw new FileRefused("harmful");
  const mimeType = sniffed === "unknown" ? undefined : typeForKind(kind, sniffed.mimeType);
  if (mimeType === undefined) throw new FileRefused("unreadable");
  return mimeType;
}

/** The content with at least `length` bytes in its first piece, unless it has fewer in all. */
async function* headFirst(content: AsyncIterable<Uint8Array>, length: number): AsyncGenerator<Uint8Array> {
  let gathered: Uint8Array[] | undefined = [];
  let size = 0;
  for await (const piece of content) {
    if (gathered === undefined) {
      yield piece;
      continue;
    }
    gathered.push(piece);
    size += piece.length;
    if (size < length) continue;
    yield Buffer.concat(gathered);
    gathered = undefined;
  }
  if (gathered !== undefined) yield Buffer.concat(gathered);
}

async function* joined(head: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head;
  yield* rest;
}
