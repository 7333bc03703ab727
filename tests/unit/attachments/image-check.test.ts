import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FileRefused } from "../../../src/attachments/file-refused.ts";
import { checkedPicture } from "../../../src/attachments/image-check.ts";
import {
  endlessPicture,
  inPieces,
  isoBox,
  jpegSegment,
  makeHeicHeader,
  makeJpeg,
  makePng,
  makeWebpHeader,
  pngBomb,
  tinyGif,
} from "../../support/sample-media.ts";

/** The bytes that came through, or the reason why not. */
async function check(picture: Uint8Array, mimeType: string, pieceSize = 1_000): Promise<Buffer | string> {
  const passed: Uint8Array[] = [];
  try {
    for await (const piece of checkedPicture(inPieces(picture, pieceSize), mimeType)) passed.push(piece);
  } catch (error) {
    if (error instanceof FileRefused) return error.reason;
    throw error;
  }
  return Buffer.concat(passed);
}

/** A bitmap's header with these numbers. */
function bmp(width: number, height: number): Buffer {
  const head = Buffer.alloc(54);
  head.write("BM", 0, "latin1");
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(width, 18);
  head.writeInt32LE(height, 22);
  return head;
}

describe("pictures that pass", () => {
  it.each<[string, Uint8Array, string]>([
    ["a JPEG", makeJpeg(64, 48), "image/jpeg"],
    ["a PNG", makePng(64, 48), "image/png"],
    ["a GIF", tinyGif, "image/gif"],
    ["a WebP", makeWebpHeader(4_000, 3_000), "image/webp"],
    ["a HEIC of tiles", makeHeicHeader([512, 512], [4_032, 3_024], [320, 240]), "image/heic"],
    ["a bitmap that stands on its head", bmp(640, -480), "image/bmp"],
    ["a TIFF, which nothing here decodes", Buffer.from("II*\u0000"), "image/tiff"],
    ["a document", Buffer.from("%PDF-1.7"), "application/pdf"],
    ["a screenshot of a long chat", makePng(10, 900), "image/png"],
  ])("%s comes through byte for byte", async (_what, picture, mimeType) => {
    expect(await check(picture, mimeType)).toEqual(Buffer.from(picture));
    expect(await check(picture, mimeType, 1)).toEqual(Buffer.from(picture));
  });

  it("a JPEG whose size stands behind two megabytes of camera data", async () => {
    const camera = Array.from({ length: 32 }, () => jpegSegment(0xe2, Buffer.alloc(65_000, 0xff)));
    const picture = makeJpeg(16, 16, camera);
    expect(await check(picture, "image/jpeg", 16_384)).toEqual(picture);
  });

  it("fill bytes between a JPEG's parts are skipped, as decoders do", async () => {
    const picture = makeJpeg(16, 16, [Buffer.alloc(7, 0xff)]);
    expect(await check(picture, "image/jpeg")).toEqual(picture);
  });
});

describe("pictures that are refused before anything decodes them", () => {
  it.each<[string, Uint8Array, string]>([
    ["a PNG of 60 000 by 60 000", pngBomb, "image/png"],
    ["a PNG of the largest numbers", makePng(1, 1, { width: 2 ** 32 - 1, height: 2 ** 32 - 1 }), "image/png"],
    ["a JPEG of 60 000 by 60 000", jpegOf(60_000, 60_000), "image/jpeg"],
    ["a JPEG that shows lenient readers another size", misleadingJpeg(), "image/jpeg"],
    ["a WebP of 16 000 by 16 000", makeWebpHeader(16_000, 16_000), "image/webp"],
    [
      "a HEIC with one huge picture among small ones",
      makeHeicHeader([64, 64], [50_000, 50_000]),
      "image/heic",
    ],
    ["a bitmap of the largest numbers", bmp(-1, -2_147_483_648), "image/bmp"],
    ["a GIF of 65 535 by 65 535", Buffer.from("GIF89a\u00ff\u00ff\u00ff\u00ff\u0000", "latin1"), "image/gif"],
    ["a line of 30 000 by 10", makePng(1, 1, { width: 30_000, height: 10 }), "image/png"],
  ])("%s", async (_what, picture, mimeType) => {
    expect(await check(picture, mimeType)).toBe("too_many_pixels");
    expect(await check(picture, mimeType, 7)).toBe("too_many_pixels");
  });

  it("the limit itself passes, one row more does not", async () => {
    const of = (width: number, height: number) => check(makePng(1, 1, { width, height }), "image/png");
    expect(await of(10_000, 5_000)).toBeInstanceOf(Buffer);
    expect(await of(10_000, 5_001)).toBe("too_many_pixels");
    expect(await of(10_000, 100)).toBeInstanceOf(Buffer);
    expect(await of(10_000, 99)).toBe("too_many_pixels");
  });

  it.each<[string, Uint8Array, string]>([
    ["a PNG without pixels", makePng(1, 1, { width: 0, height: 5 }), "image/png"],
    ["a PNG that ends in its header", makePng(8, 8).subarray(0, 20), "image/png"],
    ["a PNG with another part first", Buffer.from(makePng(8, 8)).fill("tEXt", 12, 16), "image/png"],
    ["a JPEG that ends before its size", makeJpeg(8, 8).subarray(0, 60), "image/jpeg"],
    ["a JPEG with garbage between its parts", makeJpeg(8, 8, [Buffer.from("garbage")]), "image/jpeg"],
    ["a JPEG whose part has no length", makeJpeg(8, 8, [Buffer.of(0xff, 0xe0, 0, 1)]), "image/jpeg"],
    ["a JPEG that shows before it says its size", makeJpeg(8, 8, [jpegSegment(0xda, [0])]), "image/jpeg"],
    ["a WebP of no kind", Buffer.from(makeWebpHeader(8, 8)).fill("XXXX", 12, 16), "image/webp"],
    ["a HEIC without sizes", makeHeicHeader(), "image/heic"],
    ["a HEIC whose parts lie in nothing", makeHeicHeader([8, 8]).subarray(0, 40), "image/heic"],
    [
      "a HEIC of ten thousand empty boxes",
      Buffer.concat([isoBox("ftyp"), ...new Array<Buffer>(10_000).fill(isoBox("free"))]),
      "image/heic",
    ],
  ])("%s is unreadable", async (_what, picture, mimeType) => {
    expect(await check(picture, mimeType)).toBe("unreadable");
  });

  it("a picture without end passes on without being gathered", async () => {
    let passed = 0;
    for await (const piece of checkedPicture(endlessPicture(), "image/png")) {
      passed += piece.length;
      if (passed > 10_000_000) break;
    }
    expect(passed).toBeGreaterThan(10_000_000);
  });
});

it.each(["image/jpeg", "image/png", "image/gif", "image/bmp", "image/webp", "image/heic"])(
  "no damage to a %s does more than refuse it",
  async (mimeType) => {
    const samples: Record<string, Uint8Array> = {
      "image/jpeg": makeJpeg(64, 48, [jpegSegment(0xe1, Buffer.alloc(300))]),
      "image/png": makePng(64, 48),
      "image/gif": tinyGif,
      "image/bmp": bmp(64, 48),
      "image/webp": makeWebpHeader(64, 48),
      "image/heic": makeHeicHeader([64, 48], [32, 24]),
    };
    const sample = samples[mimeType] ?? Buffer.alloc(0);
    const change = fc.tuple(fc.nat(sample.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 8 }), fc.nat(sample.length), async (changes, cut) => {
        const damaged = Buffer.from(sample);
        for (const [at, value] of changes) damaged[at] = value;
        const outcome = await check(damaged.subarray(0, cut), mimeType, 13);
        expect(outcome instanceof Buffer || outcome === "unreadable" || outcome === "too_many_pixels").toBe(
          true,
        );
      }),
      { numRuns: 300, seed: 20_260_301 },
    );
  },
);

function jpegOf(width: number, height: number): Buffer {
  const small = makeJpeg(8, 8);
  const at = small.indexOf(Buffer.of(0xff, 0xc0));
  small.writeUInt16BE(height, at + 5);
  small.writeUInt16BE(width, at + 7);
  return small;
}

/**
 * A fill byte before the first part, and 8 by 8 at the place to which a reader comes that takes it for a length:
 * a decoder skips the byte and finds 60 000 by 60 000.
 */
function misleadingJpeg(): Buffer {
  const small = jpegOf(60_000, 60_000);
  const padding = jpegSegment(0xe5, Buffer.alloc(65_000));
  const picture = Buffer.concat([small.subarray(0, 2), Buffer.of(0xff), padding, padding, small.subarray(2)]);
  Buffer.of(0xff, 0xc0, 0, 11, 8, 0, 8, 0, 8).copy(picture, 4 + picture.readUInt16BE(4));
  return picture;
}
