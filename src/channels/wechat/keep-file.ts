import type { Readable } from "node:stream";
import { AppError } from "../../errors.ts";
import type { FileStore, KeptFile } from "../../messaging/file-store.ts";
import type { AttachmentKind, InboundAttachment } from "../../messaging/message.ts";
import { type RefusalReason, refusalReasons } from "../../messaging/refusal-reason.ts";
import { inTime } from "./in-time.ts";

/** What is read of a wechaty FileBox. */
export interface WechatFile {
  readonly name: string;
  /** Bytes; not above 0 where it is not known. */
  readonly size: number;
  readonly mediaType: string;
  toStream(): Promise<Readable>;
}

export interface FileToKeep {
  /** Under which it is kept. */
  readonly id: string;
  readonly kind: AttachmentKind;
  readonly name?: string;
}

/**
 * Looks at a file and keeps it, whole or not at all. Rejects where it must not be kept; an error may carry one of the
 * `refusalReasons` as its `reason`.
 */
export type KeepContent = (
  file: FileToKeep,
  content: AsyncIterable<Uint8Array>,
  mostBytes: number,
) => Promise<KeptFile & { readonly mimeType?: string }>;

export interface KeepFileParts {
  readonly files: Pick<FileStore, "save" | "remove">;
  /** Default: the file store keeps whatever comes. */
  readonly keepContent?: KeepContent | undefined;
  readonly newId: () => string;
  /** Bytes of the longest file that is kept. */
  readonly longestFile: number;
  /** Milliseconds after which a file that does not come is given up. */
  readonly fileMs: number;
}

type Kept = Pick<InboundAttachment, "name" | "mimeType" | "size" | "stored" | "refused">;

/**
 * Keeps the bytes of a file now, as WeChat cannot be asked for them later. What cannot be kept comes back as refused
 * with its reason; nothing of it stays in the store.
 */
export async function keepFile(
  kind: AttachmentKind,
  open: () => Promise<WechatFile>,
  { files, newId, longestFile, fileMs, ...parts }: KeepFileParts,
): Promise<Kept> {
  const keepContent: KeepContent =
    parts.keepContent ?? ((file, content, mostBytes) => files.save(file.id, content, mostBytes));
  const id = newId();
  let about: Kept = {};
  let stream: Readable | undefined;
  const keep = async () => {
    const file = await open();
    about = describe(file);
    if (file.size > longestFile) throw new AppError("files.too_large", "The file is too large.");
    stream = await file.toStream();
    // Whoever reads it is told; an error that comes when nobody reads any more would end the process.
    stream.on("error", () => {});
    const { name } = about;
    return keepContent({ id, kind, ...(name === undefined ? {} : { name }) }, stream, longestFile);
  };
  const keeping = keep();
  try {
    const { hash, size, mimeType } = await inTime(fileMs, keeping);
    const type = mimeType === undefined ? {} : { mimeType };
    if (size > 0) return { ...about, ...type, size, stored: { id, hash, size } };
    await files.remove([id]);
    return { ...about, refused: "empty" };
  } catch (err) {
    stream?.destroy();
    // A store that was faster than its own end: what it still keeps must go.
    keeping
      .then(
        () => files.remove([id]),
        () => {},
      )
      .catch(() => {});
    return { ...about, refused: refusalOf(err) };
  }
}

function describe({ name, size, mediaType }: WechatFile): Kept {
  return {
    ...(name === "" ? {} : { name: name.slice(-200) }),
    ...(mediaType === "" || mediaType === "application/octet-stream" ? {} : { mimeType: mediaType }),
    ...(size > 0 ? { size } : {}),
  };
}

function refusalOf(err: unknown): RefusalReason {
  const { reason, name } = err as { reason?: unknown; name?: unknown };
  const told = refusalReasons.find((known) => known === reason);
  if (told !== undefined) return told;
  if (err instanceof AppError) return err.code === "files.too_large" ? "too_large" : "unavailable";
  return name === "TimeoutError" ? "timeout" : "gone";
}
