import { AppError } from "../../errors.ts";
import type { FileStore } from "../../messaging/file-store.ts";
import type { InboundAttachment } from "../../messaging/message.ts";
import type { RefusalReason } from "../../messaging/refusal-reason.ts";

/** What is read of a wechaty FileBox. */
export interface WechatFile {
  readonly name: string;
  /** Bytes; not above 0 where it is not known. */
  readonly size: number;
  readonly mediaType: string;
  toStream(): Promise<AsyncIterable<Uint8Array> & { destroy(error?: Error): unknown }>;
}

export interface KeepFileParts {
  readonly files: Pick<FileStore, "save" | "remove">;
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
export async function keepFile(open: () => Promise<WechatFile>, parts: KeepFileParts): Promise<Kept> {
  const { files, newId, longestFile, fileMs } = parts;
  const id = newId();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new DOMException("too slow", "TimeoutError")), fileMs);
  let about: Kept = {};
  let close = (_error: Error): void => {};
  const keep = async () => {
    const file = await open();
    about = describe(file);
    if (file.size > longestFile) throw new AppError("files.too_large", "The file is too large.");
    const stream = await file.toStream();
    close = (error) => stream.destroy(error);
    return files.save(id, stream, longestFile);
  };
  const keeping = keep();
  try {
    const { hash, size } = await Promise.race([keeping, late.promise]);
    if (size > 0) return { ...about, size, stored: { id, hash, size } };
    await files.remove([id]);
    return { ...about, refused: "empty" };
  } catch (err) {
    close(err as Error);
    // A store that was faster than its own end: what it still keeps must go.
    keeping
      .then(
        () => files.remove([id]),
        () => {},
      )
      .catch(() => {});
    return { ...about, refused: refusalOf(err) };
  } finally {
    clearTimeout(timer);
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
  if (err instanceof AppError) return err.code === "files.too_large" ? "too_large" : "unavailable";
  return (err as Error).name === "TimeoutError" ? "timeout" : "gone";
}
