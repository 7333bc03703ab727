import { crc32, deflateSync } from "node:zlib";

/** Pictures and sounds as phones send them, made byte by byte, so that no binary lies in the repository. */

/** A grey JPEG that every decoder shows: each block of 8 by 8 is "no difference", "end of block". */
export function makeJpeg(width: number, height: number, segments: readonly Buffer[] = []): Buffer {
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8);
  const one = (kind: number) => [kind, 1, ...new Array<number>(15).fill(0), 0];
  // Two zero bits a block; what is left of the last byte is ones.
  const bits = "00".repeat(blocks).padEnd(Math.ceil((blocks * 2) / 8) * 8, "1");
  return Buffer.concat([
    Buffer.of(0xff, 0xd8),
    ...segments,
    jpegSegment(0xdb, [0, ...new Array<number>(64).fill(1)]),
    jpegSegment(0xc0, [8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0]),
    jpegSegment(0xc4, [...one(0x00), ...one(0x10)]),
    jpegSegment(0xda, [1, 1, 0x00, 0, 63, 0]),
    Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))),
    Buffer.of(0xff, 0xd9),
  ]);
}

/** One part of a JPEG, such as 0xE1 for what a camera tells. */
export function jpegSegment(marker: number, content: readonly number[] | Buffer): Buffer {
  const length = content.length + 2;
  return Buffer.concat([Buffer.of(0xff, marker, length >> 8, length & 255), Buffer.from(content)]);
}

/** A grey PNG. `stated`: what its header says instead of the truth. */
export function makePng(
  width: number,
  height: number,
  stated: { width: number; height: number } = { width, height },
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(stated.width, 0);
  header.writeUInt32BE(stated.height, 4);
  header.writeUInt8(8, 8);
  const rows = Buffer.alloc((width + 1) * height, 0x80);
  for (let row = 0; row < height; row += 1) rows[row * (width + 1)] = 0;
  return Buffer.concat([
    Buffer.from("\u0089PNG\r\n\u001a\n", "latin1"),
    pngChunk("IHDR", header),
    pngChunk("IDAT", deflateSync(rows)),
    pngChunk("IEND", Buffer.alloc(0)),
  ]);
}

function pngChunk(type: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(content.length, 0);
  frame.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([frame.subarray(0, 4), named, frame.subarray(4)]);
}

/** A few hundred bytes that a decoder would turn into 3.6 billion pixels. */
export const pngBomb = makePng(1, 1, { width: 60_000, height: 60_000 });

export const tinyGif = Buffer.from("R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=", "base64");

/** The header of a WebP with a canvas of this size; there is no picture behind it. */
export function makeWebpHeader(width: number, height: number): Buffer {
  const content = Buffer.alloc(30);
  content.write("RIFF", 0, "latin1");
  content.writeUInt32LE(22, 4);
  content.write("WEBPVP8X", 8, "latin1");
  content.writeUInt32LE(10, 16);
  content.writeUIntLE(width - 1, 24, 3);
  content.writeUIntLE(height - 1, 27, 3);
  return content;
}

/** The header of a HEIC whose items have these sizes, as an iPhone's tiled photo has several. */
export function makeHeicHeader(...sizes: readonly (readonly [number, number])[]): Buffer {
  const properties = sizes.map(([width, height]) => {
    const size = Buffer.alloc(12);
    size.writeUInt32BE(width, 4);
    size.writeUInt32BE(height, 8);
    return isoBox("ispe", size);
  });
  return Buffer.concat([
    isoBox("ftyp", Buffer.from("heic\u0000\u0000\u0000\u0000mif1heic", "latin1")),
    isoBox("meta", Buffer.alloc(4), isoBox("iprp", isoBox("ipco", ...properties))),
    isoBox("mdat", Buffer.alloc(16)),
  ]);
}

/** One box of an MP4 or HEIC. */
export function isoBox(type: string, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length, 0);
  head.write(type, 4, "latin1");
  return Buffer.concat([head, body]);
}

/** One second of a tone, 8 000 samples in 16 bits. */
export function makeWav(samples = 8_000, rate = 8_000): Buffer {
  const head = Buffer.alloc(44);
  head.write("RIFF", 0, "latin1");
  head.writeUInt32LE(36 + samples * 2, 4);
  head.write("WAVEfmt ", 8, "latin1");
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36, "latin1");
  head.writeUInt32LE(samples * 2, 40);
  const tone = Buffer.alloc(samples * 2);
  for (let at = 0; at < samples; at += 1)
    tone.writeInt16LE(Math.round(8_000 * Math.sin((at * 2 * Math.PI * 440) / rate)), at * 2);
  return Buffer.concat([head, tone]);
}

/** A voice as Telegram sends it: Opus in Ogg, here with a second of silence. */
export function makeOpus(): Buffer {
  const head = Buffer.alloc(19);
  head.write("OpusHead", 0, "latin1");
  head.writeUInt8(1, 8);
  head.writeUInt8(1, 9);
  head.writeUInt32LE(16_000, 12);
  const tags = Buffer.concat([
    Buffer.from("OpusTags"),
    Buffer.of(4, 0, 0, 0),
    Buffer.from("test"),
    Buffer.alloc(4),
  ]);
  // 50 packets of 20 ms without a frame's content.
  const silence = new Array<Buffer>(50).fill(Buffer.of(0x08));
  return Buffer.concat([oggPage(0, 2, [head], 0), oggPage(1, 0, [tags], 0), oggPage(2, 4, silence, 48_000)]);
}

function oggPage(sequence: number, flags: number, packets: readonly Buffer[], granule: number): Buffer {
  const head = Buffer.alloc(27);
  head.write("OggS", 0, "latin1");
  head.writeUInt8(flags, 5);
  head.writeBigUInt64LE(BigInt(granule), 6);
  head.writeUInt32LE(1, 14);
  head.writeUInt32LE(sequence, 18);
  head.writeUInt8(packets.length, 26);
  const page = Buffer.concat([head, Buffer.from(packets.map(({ length }) => length)), ...packets]);
  page.writeUInt32LE(oggChecksum(page), 22);
  return page;
}

function oggChecksum(page: Buffer): number {
  let sum = 0;
  for (const byte of page) {
    sum ^= byte << 24;
    for (let bit = 0; bit < 8; bit += 1) sum = sum < 0 ? (sum << 1) ^ 0x04c11db7 : sum << 1;
  }
  return sum >>> 0;
}

/** What somebody sends as `photo.jpg` who means no good. */
export const htmlAsPhoto = Buffer.from("<!-- photo --><html><script>alert(1)</script></html>");

/** The content in pieces of this many bytes. */
export async function* inPieces(content: Uint8Array, pieceSize = 1_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += pieceSize) yield content.subarray(at, at + pieceSize);
}

/** A download that breaks off behind its first bytes. */
export async function* brokenOff(content: Uint8Array, error: Error): AsyncGenerator<Uint8Array> {
  yield content.subarray(0, Math.ceil(content.length / 2));
  throw error;
}

/** A picture that never ends: its header, then zeros. */
export async function* endlessPicture(): AsyncGenerator<Uint8Array> {
  yield makePng(8, 8);
  for (;;) yield new Uint8Array(65_536);
}

/** A download that begins and then says nothing more, until it is let go. */
export function stalled(content: Uint8Array): AsyncIterable<Uint8Array> & { readonly letGo: Promise<void> } {
  const { promise: letGo, resolve } = Promise.withResolvers<void>();
  let given = false;
  return {
    letGo,
    [Symbol.asyncIterator]: () => ({
      next: () => {
        if (given) return new Promise<never>(() => undefined);
        given = true;
        return Promise.resolve({ done: false as const, value: content });
      },
      return: () => {
        resolve();
        return Promise.resolve({ done: true as const, value: undefined });
      },
    }),
  };
}
