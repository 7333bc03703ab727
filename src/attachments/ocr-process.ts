import { createRequire } from "node:module";
import { answerJobs } from "./answer-jobs.ts";
import { pictureLimits } from "./image-check.ts";

/** The part of `@gutenye/ocr-node` that is used. */
interface Ocr {
  detect(picture: Buffer): Promise<readonly Line[]>;
}

interface Line {
  readonly text: string;
  /** From 0 to 1. */
  readonly mean: number;
  /** Corners in pixels of the picture that was read. */
  readonly box?: readonly (readonly [number, number])[];
}

/** The part of `sharp` that is used; it comes with the package. */
type Sharp = (input: Buffer, options: { limitInputPixels: number; failOn: "none" }) => Picture;
interface Picture {
  rotate(): Picture;
  flatten(options: { background: string }): Picture;
  resize(options: { width: number; height?: number; fit: "inside"; withoutEnlargement: true }): Picture;
  extract(part: { left: number; top: number; width: number; height: number }): Picture;
  png(): Picture;
  toBuffer(): Promise<Buffer>;
  metadata(): Promise<{ readonly width?: number; readonly height?: number; readonly orientation?: number }>;
}

/** Pixels: larger pictures are made smaller, on which the model reads as well and much faster. */
const readWidth = 1_280;
const readHeight = 1_600;
/** Height by width from which on a picture is a long screenshot. */
const longRatio = 2.5;
/** Long screenshots are read in strips that overlap by more than a line is high. */
const overlap = 96;
const mostStrips = 10;
/** Milliseconds after which no further strip is begun: half of a long text is better than none. */
const patience = 12_000;
/** Below it a line is a guess. */
const leastCertain = 0.6;

const packageUrl = process.argv[2] ?? "";
let ocr: Promise<Ocr> | undefined;

answerJobs(async (picture: Uint8Array) => {
  const started = performance.now();
  const sharp = createRequire(packageUrl)("sharp") as Sharp;
  ocr ??= createOcr();
  const lines: string[] = [];
  for (const { part, top, bottom } of await stripsOf(sharp, Buffer.from(picture))) {
    if (performance.now() - started > patience) break;
    const read = await (await ocr).detect(await part());
    lines.push(
      ...read.filter((line) => isOwn(line, top, bottom) && line.mean >= leastCertain).map(({ text }) => text),
    );
  }
  return lines.join("\n");
});

async function createOcr(): Promise<Ocr> {
  const { default: Package } = (await import(packageUrl)) as { default: { create(): Promise<Ocr> } };
  return Package.create();
}

interface Strip {
  readonly part: () => Promise<Buffer>;
  /** Of the strip's own lines the middle lies between these: what lies beyond is another strip's. */
  readonly top: number;
  readonly bottom: number;
}

/** The picture as a person would hold it, no wider and higher than is needed, in strips from top to bottom. */
async function stripsOf(sharp: Sharp, picture: Buffer): Promise<Strip[]> {
  const open = (input: Buffer) =>
    sharp(input, { limitInputPixels: pictureLimits.mostPixels, failOn: "none" });
  const { width = 0, height = 0, orientation = 1 } = await open(picture).metadata();
  const ratio = orientation >= 5 ? width / height : height / width;
  const bounds = ratio > longRatio ? { width: readWidth } : { width: readWidth, height: readHeight };
  const fitted = await open(picture)
    .rotate()
    .flatten({ background: "#fff" })
    .resize({ ...bounds, fit: "inside", withoutEnlargement: true })
    .png()
    .toBuffer();
  const size = await open(fitted).metadata();
  const [fullWidth, fullHeight] = [size.width ?? 0, size.height ?? 0];
  const step = readHeight - overlap;
  const count = Math.min(mostStrips, Math.max(1, Math.ceil((fullHeight - overlap) / step)));
  return Array.from({ length: count }, (_, index) => {
    const start = index * step;
    const length = Math.min(readHeight, fullHeight - start);
    return {
      part: () =>
        open(fitted).extract({ left: 0, top: start, width: fullWidth, height: length }).png().toBuffer(),
      top: index === 0 ? 0 : overlap / 2,
      bottom: start + length >= fullHeight ? length : length - overlap / 2,
    };
  });
}

function isOwn({ box }: Line, top: number, bottom: number): boolean {
  if (box === undefined || box.length === 0) return true;
  const middle = box.reduce((sum, [, y]) => sum + y, 0) / box.length;
  return middle >= top && middle < bottom;
}
