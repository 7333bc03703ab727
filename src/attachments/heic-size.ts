import { FileRefused } from "./file-refused.ts";
import type { PictureSize } from "./picture-size.ts";

/** A box of the container: its content lies from `start` to `end`. */
interface Box {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** More boxes in one place than any camera writes. */
const mostBoxes = 4_096;

/**
 * The largest of the sizes that a HEIC or AVIF header states: a picture made of tiles states theirs as well.
 * Undefined where the header is not whole yet.
 */
export function heicSize(head: Buffer): PictureSize | undefined {
  const meta = find(head, "meta", 0, Number.POSITIVE_INFINITY);
  if (meta === undefined || meta.end > head.length) return undefined;
  // `meta` begins with a version.
  const properties = find(head, "iprp", meta.start + 4, meta.end);
  const container = properties && find(head, "ipco", properties.start, properties.end);
  if (container === undefined) throw new FileRefused("unreadable");
  const sizes = [...boxes(head, container.start, container.end)]
    .filter(({ type, start, end }) => type === "ispe" && end - start >= 12)
    .map(({ start }) => ({ width: head.readUInt32BE(start + 4), height: head.readUInt32BE(start + 8) }));
  if (sizes.length === 0) throw new FileRefused("unreadable");
  return sizes.reduce((largest, size) => (areaOf(size) > areaOf(largest) ? size : largest));
}

function areaOf({ width, height }: PictureSize): number {
  return width * height;
}

function find(head: Buffer, type: string, from: number, to: number): Box | undefined {
  for (const box of boxes(head, from, to)) if (box.type === type) return box;
  return undefined;
}

/** The boxes one after the other, as far as they lie in the head. One that reaches out of its place refuses it. */
function* boxes(head: Buffer, from: number, to: number): Generator<Box> {
  let at = from;
  for (let count = 0; at + 8 <= Math.min(to, head.length); count += 1) {
    if (count === mostBoxes) throw new FileRefused("unreadable");
    const length = head.readUInt32BE(at);
    const isLong = length === 1;
    if (isLong && at + 16 > head.length) return;
    const start = at + (isLong ? 16 : 8);
    const end = at + (isLong ? Number(head.readBigUInt64BE(at + 8)) : length);
    if (end < start || end > to) throw new FileRefused("unreadable");
    yield { type: head.toString("latin1", at + 4, at + 8), start, end };
    at = end;
  }
}
