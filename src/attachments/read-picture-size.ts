import { FileRefused } from "./file-refused.ts";
import { heicSize } from "./heic-size.ts";
import type { PictureSize } from "./picture-size.ts";

/** Takes a picture's bytes piece by piece until its size is known; holds no more of them than it must. */
export interface PictureSizeReader {
  /** Undefined: more is needed. Throws `FileRefused` for a header that is none. */
  read(piece: Uint8Array): PictureSize | undefined;
}

/** A header that is not whole within so many bytes is none. */
const longestHeader = 262_144;

/** Reads the size from a header that is at hand; undefined: more is needed. */
type HeaderReader = (head: Buffer) => PictureSize | undefined;

const headerReaders: Readonly<Record<string, HeaderReader>> = {
  "image/png": pngSize,
  "image/gif": (head) =>
    head.length < 10 ? undefined : { width: head.readUInt16LE(6), height: head.readUInt16LE(8) },
  "image/bmp": bmpSize,
  "image/webp": webpSize,
  "image/heic": heicSize,
  "image/avif": heicSize,
};

/**
 * Reads the size that a picture's decoder will believe, strictly and without decoding anything. Undefined for types
 * whose headers are not read here. (The package `image-size` searches on where a header is broken: a crafted JPEG
 * shows it 8 by 8 pixels and a decoder 60 000 by 60 000, and a crafted HEIC of some megabytes keeps it busy for
 * minutes.)
 */
export function pictureSizeReader(mimeType: string): PictureSizeReader | undefined {
  if (mimeType === "image/jpeg") return new JpegSizeReader();
  const readHeader = headerReaders[mimeType];
  return readHeader === undefined ? undefined : new HeadSizeReader(readHeader);
}

class HeadSizeReader implements PictureSizeReader {
  readonly #readHeader: HeaderReader;
  readonly #head = Buffer.alloc(longestHeader);
  #length = 0;

  constructor(readHeader: HeaderReader) {
    this.#readHeader = readHeader;
  }

  read(piece: Uint8Array): PictureSize | undefined {
    const taken = piece.subarray(0, longestHeader - this.#length);
    this.#head.set(taken, this.#length);
    this.#length += taken.length;
    const size = this.#readHeader(this.#head.subarray(0, this.#length));
    if (size === undefined && this.#length === longestHeader) throw new FileRefused("unreadable");
    return size;
  }
}

/**
 * A JPEG's size may stand behind megabytes of camera data: its segments are skipped by their lengths, and anything
 * between them that a decoder would have to guess about refuses the picture.
 */
class JpegSizeReader implements PictureSizeReader {
  #rest = Buffer.alloc(0);
  #skip = 2;

  read(piece: Uint8Array): PictureSize | undefined {
    this.#rest = Buffer.concat([this.#rest, piece]);
    for (;;) {
      const skipped = Math.min(this.#skip, this.#rest.length);
      this.#rest = this.#rest.subarray(skipped);
      this.#skip -= skipped;
      if (this.#skip > 0 || this.#rest.length < 9) return undefined;
      const marker = this.#rest.readUInt8(1);
      if (this.#rest[0] !== 0xff) throw new FileRefused("unreadable");
      if (isFrame(marker)) return { height: this.#rest.readUInt16BE(5), width: this.#rest.readUInt16BE(7) };
      this.#skip = marker === 0xff ? 1 : 2 + segmentLength(marker, this.#rest.readUInt16BE(2));
    }
  }
}

/** Start of a frame: C0 to CF but for tables (C4, CC) and what is reserved (C8). */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** Of a segment that may stand before the frame: tables, application data, comments. */
function segmentLength(marker: number, length: number): number {
  const mayStandHere = (marker >= 0xe0 && marker <= 0xef) || [0xc4, 0xcc, 0xdb, 0xdd, 0xfe].includes(marker);
  if (!mayStandHere || length < 2) throw new FileRefused("unreadable");
  return length;
}

function pngSize(head: Buffer): PictureSize | undefined {
  if (head.length < 24) return undefined;
  if (head.toString("latin1", 12, 16) !== "IHDR") throw new FileRefused("unreadable");
  return { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
}

function bmpSize(head: Buffer): PictureSize | undefined {
  if (head.length < 26) return undefined;
  // The first header of its kind has 12 bytes and short numbers; a negative height turns the picture over.
  return head.readUInt32LE(14) === 12
    ? { width: head.readUInt16LE(18), height: head.readUInt16LE(20) }
    : { width: head.readUInt32LE(18), height: Math.abs(head.readInt32LE(22)) };
}

function webpSize(head: Buffer): PictureSize | undefined {
  if (head.length < 30) return undefined;
  switch (head.toString("latin1", 12, 16)) {
    case "VP8X":
      return { width: 1 + head.readUIntLE(24, 3), height: 1 + head.readUIntLE(27, 3) };
    case "VP8 ":
      return { width: head.readUInt16LE(26) & 0x3fff, height: head.readUInt16LE(28) & 0x3fff };
    case "VP8L": {
      const packed = head.readUInt32LE(21);
      return { width: 1 + (packed & 0x3fff), height: 1 + ((packed >>> 14) & 0x3fff) };
    }
    default:
      throw new FileRefused("unreadable");
  }
}
