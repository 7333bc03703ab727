import { createRequire } from "node:module";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findPackage } from "../../../src/attachments/optional-package.ts";
import {
  createPictureReader,
  ocrPackage,
  type PictureReader,
} from "../../../src/attachments/picture-reader.ts";
import { createSilkDecoder, type SilkDecoder, silkPackage } from "../../../src/attachments/silk-decoder.ts";
import { makeWav } from "../../support/sample-media.ts";

/** Packages that an operator adds. `OCR_PACKAGE` and `SILK_PACKAGE` are the paths of their entries elsewhere. */
const ocr = process.env.OCR_PACKAGE || ocrPackage;
const silk = process.env.SILK_PACKAGE || silkPackage;
const neverFired = new AbortController().signal;

const missing = (name: string) => (findPackage(name) === undefined ? ` (${name} is not installed)` : "");

it("without the package, OCR=on names the line that adds it", () => {
  expect(() => createPictureReader("@gutenye/not-there")).toThrow(
    /npm pkg set allowScripts.*&& npm install @gutenye\/ocr-node@/,
  );
});

it("without the package there is no decoder for WeChat voices", () => {
  expect(createSilkDecoder("not-there")).toBeUndefined();
});

describe.skipIf(missing(silk) !== "")(`WeChat voices${missing(silk)}`, () => {
  let decoder: SilkDecoder;
  let voice: Uint8Array;

  beforeAll(async () => {
    const { encode } = (await import(findPackage(silk) ?? "")) as {
      encode(wav: Uint8Array, rate: number): Promise<{ data: Uint8Array }>;
    };
    voice = (await encode(makeWav(48_000, 24_000), 24_000)).data;
    const made = createSilkDecoder(silk);
    if (made === undefined) throw new Error("no decoder");
    decoder = made;
  });
  afterAll(() => decoder.close());

  it("two seconds of voice are two seconds of WAV", async () => {
    const wav = Buffer.from(await decoder.decode(voice, neverFired));
    expect(wav.toString("latin1", 0, 4)).toBe("RIFF");
    expect(wav.readUInt32LE(24)).toBe(16_000);
    expect(Math.round((wav.length - 44) / 32_000)).toBe(2);
  });

  it("what is no SILK is refused, and the next voice is decoded", async () => {
    await expect(decoder.decode(Buffer.from("no silk"), neverFired)).rejects.toMatchObject({
      code: "model.unavailable",
    });
    const broken = Buffer.concat([voice.subarray(0, 20), Buffer.alloc(5_000, 0xff)]);
    await expect(decoder.decode(broken, neverFired)).rejects.toMatchObject({ code: "model.unavailable" });
    expect((await decoder.decode(voice, neverFired)).length).toBeGreaterThan(60_000);
  });
});

describe.skipIf(missing(ocr) !== "")(`pictures of papers${missing(ocr)}`, () => {
  let reader: PictureReader;
  beforeAll(() => {
    reader = createPictureReader(ocr);
  });
  afterAll(() => reader.close());

  /** Black text on white, drawn by the library that comes with the package. */
  async function picture(width: number, lines: readonly string[], turned = false): Promise<Buffer> {
    const sharp = createRequire(findPackage(ocr) ?? "")("sharp");
    const texts = lines.map((line, row) => `<text x="40" y="${60 + row * 58}" font-size="32">${line}</text>`);
    const height = lines.length * 58 + 60;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="white"/>${texts.join("")}</svg>`;
    const drawn = sharp(Buffer.from(svg));
    return turned
      ? drawn.rotate(90).withMetadata({ orientation: 8 }).jpeg().toBuffer()
      : drawn.png().toBuffer();
  }
  const read = async (bytes: Buffer) =>
    (await reader.read({ bytes, mimeType: "image/png" }, neverFired)).split("\n");

  it("a pay slip is read line by line, also one that was held sideways", async () => {
    const slip = ["5200.00", "860.50", "12351"];
    expect(await read(await picture(900, slip))).toEqual(slip);
    expect(await read(await picture(900, slip, true))).toEqual(slip);
  });

  it("each line of a long screenshot is read once and in order", async () => {
    const lines = Array.from({ length: 60 }, (_, index) => `2026${String(index).padStart(4, "0")}`);
    expect(await read(await picture(1_080, lines))).toEqual(lines);
  });

  it("a blank sheet says nothing, and what is no picture costs nobody else's", async () => {
    expect(await read(await picture(300, []))).toEqual([""]);
    await expect(read(Buffer.from("no picture"))).rejects.toMatchObject({ code: "model.unavailable" });
    expect(await read(await picture(900, ["12361"]))).toEqual(["12361"]);
  });

  it("what it reads", () => {
    const file = { kind: "photo", mimeType: "image/jpeg", size: 1_000 } as const;
    expect(reader.reads(file)).toBe(true);
    expect(reader.reads({ ...file, kind: "file" })).toBe(true);
    expect(reader.reads({ ...file, kind: "sticker" })).toBe(false);
    expect(reader.reads({ ...file, mimeType: "image/heic" })).toBe(false);
    expect(reader.reads({ ...file, size: 21 * 1024 * 1024 })).toBe(false);
  });
});
