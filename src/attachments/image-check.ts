import { FileRefused } from "./file-refused.ts";
import type { PictureSize } from "./picture-size.ts";
import { pictureSizeReader } from "./read-picture-size.ts";

export interface PictureLimits {
  /** Width times height. */
  readonly mostPixels: number;
  /** The longer side by the shorter one. A long screenshot of a chat has 30 or more. */
  readonly mostRatio: number;
}

export const pictureLimits: PictureLimits = { mostPixels: 50_000_000, mostRatio: 100 };

/**
 * Passes a picture on and refuses it as soon as its header tells that decoding it would cost too much: a few bytes
 * can stand for gigabytes. Nothing is decoded. Throws `FileRefused`: `too_many_pixels`, or `unreadable` for a
 * picture without a size.
 */
export async function* checkedPicture(
  content: AsyncIterable<Uint8Array>,
  mimeType: string,
  limits: PictureLimits = pictureLimits,
): AsyncGenerator<Uint8Array> {
  const reader = pictureSizeReader(mimeType);
  let size: PictureSize | undefined;
  for await (const piece of content) {
    if (reader !== undefined && size === undefined) {
      size = reader.read(piece);
      if (size !== undefined) refuseHuge(size, limits);
    }
    yield piece;
  }
  if (reader !== undefined && size === undefined) throw new FileRefused("unreadable");
}

function refuseHuge({ width, height }: PictureSize, { mostPixels, mostRatio }: PictureLimits): void {
  if (width === 0 || height === 0) throw new FileRefused("unreadable");
  const ratio = Math.max(width, height) / Math.min(width, height);
  if (width * height > mostPixels || ratio > mostRatio) throw new FileRefused("too_many_pixels");
}
